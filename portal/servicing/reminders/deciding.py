"""Which reminders leave on a day, by what is stored and `rule.py`. The run and staff's preview both ask here."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Literal, NamedTuple

from portal.agencies.reminder_settings import Reminding, reminding_of
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.servicing.late.installments import must_wait
from portal.servicing.planned import Planned
from portal.servicing.reminders.reading import DueLink, OpenInvoice, due_links, had_mail, past_due, reached
from portal.servicing.reminders.rule import CATCH_UP, Step, step_on
from portal.servicing.reminders.still_due import Account, Address, addresses_of, asked_for, owner_of

Kind = Literal["upcoming", "overdue", "link", "by_hand"]


class Meant(NamedTuple):
    """A step of an invoice that a mail is for."""

    invoice_id: int
    due_date: date
    step: str


class Decided(NamedTuple):
    """One mail that leaves on a day.

    Args:
        steps: which steps of which invoices it is for; with a link perhaps none.
        invoice_ids: all that it asks for, those due first in front.
        sequence: the payment link that it belongs to, and which of its days this is; None without one.
    """

    account: Account
    insured_id: int
    kind: Kind
    steps: tuple[Meant, ...]
    invoice_ids: tuple[int, ...]
    cents: int
    to: tuple[Address, ...] = ()
    sequence: tuple[int, int] | None = None

    def key(self, day: date) -> str:
        """What keeps it from being decided twice: there is one mail for each account and day."""
        return f"{self.account}:{day}"


def decide(session: Scoped, day: date, today: date, zone: str) -> list[Decided]:
    """The mails of a day, at most one for each program and each one-time payment.

    None while what looks unpaid may be paid, or cannot be: after a restore until all payments were read again, or while
    the processor does not answer us.

    Args:
        day: today for the run, a later one for who looks ahead: all that is due before it is taken as done.
        today: the day at the agency.
        zone: the agency's time zone.
    """
    if must_wait(session):
        return []
    with _collecting_later():
        return _decide(session, day, today, zone)


def _decide(session: Scoped, day: date, today: date, zone: str) -> list[Decided]:
    settings = reminding_of(session)
    steps = _steps(settings, day, earliest=day if day > today else day - CATCH_UP)
    already = had_mail(session, day) if day == today else frozenset[Account]()
    links = {account: due for account, due in due_links(session, day, today).items() if account not in already}
    by_account: dict[Account, list[OpenInvoice]] = {}
    for one in reached(session, steps, settings, day, zone) if steps else ():
        if (account := one.account) not in already:
            by_account.setdefault(account, []).append(one)
    others = past_due(session, by_account, day)
    owners = [(account, ones[0].insured_id, ones[0].own_address) for account, ones in by_account.items()]
    to = addresses_of(session, owners + [owner_of(session, account) for account in links])
    mails = [
        _mail(account, ones, others.get(account.program_id, ()), steps, to[account])
        for account, ones in by_account.items()
        if account not in links
    ]
    for account, due in links.items():
        if mail := link_mail(session, account, day, due):
            mails.append(mail._replace(steps=_meant(by_account.get(account, ()), steps), to=to[account]))
    return mails


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Put off the search for garbage: it would go through all that is made here again and again, for half of the time.

    None of it refers to itself, so nothing is kept by that.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def planned(session: Scoped, day: date, today: date, zone: str) -> list[Planned]:
    """The same for staff: what would go to whom. See `decide`."""
    return [
        Planned(
            step=f"reminder.{mail.kind}",
            what=_what(mail),
            on=day,
            insured_id=mail.insured_id,
            program_id=mail.account.program_id,
            invoice_ids=mail.invoice_ids,
            cents=mail.cents,
            to=tuple(address.email for address in mail.to),
        )
        for mail in decide(session, day, today, zone)
    ]


def _what(mail: Decided) -> Text:
    if mail.sequence is not None:
        return text("Payment link, day %(number)s", number=mail.sequence[1])
    name, _, days = mail.steps[0].step.partition(".")
    match name, days:
        case "after", "1":
            return text("Overdue mail, a day after")
        case "after", _:
            return text("Overdue mail, %(days)s days after", days=days)
        case _, "0":
            return text("Reminder on the due date")
        case _, "1":
            return text("Reminder, a day before")
        case _:
            return text("Reminder, %(days)s days before", days=days)


def _steps(settings: Reminding, day: date, earliest: date) -> Mapping[date, Step]:
    """Due date -> the step that its invoices have reached by the day; without those before the earliest day."""
    farthest = max(settings.days_before, default=0)
    longest = max(settings.days_after, default=0) + CATCH_UP.days
    found = {}
    for offset in range(-longest, farthest + 1):
        due = day + timedelta(days=offset)
        step = step_on(due, day, settings.days_before, settings.days_after)
        if step is not None and step.day >= max(earliest, settings.changed_on or earliest):
            found[due] = step
    return found


def _mail(
    account: Account,
    ones: Sequence[OpenInvoice],
    others: Sequence[tuple[int, date, int]],
    steps: Mapping[date, Step],
    to: tuple[Address, ...],
) -> Decided:
    """One mail for all steps of an account that fall on the day, with what else of it is past due."""
    meant = _meant(ones, steps)
    kind: Kind = "overdue" if any(steps[one.due_date].is_overdue for one in ones) else "upcoming"
    if len(ones) == 1 and (not others or (len(others) == 1 and others[0][0] == ones[0].id)):
        [one] = ones
        return Decided(account, one.insured_id, kind, meant, (one.id,), one.open_cents, to)
    wanted = {one.id: (one.due_date, one.open_cents) for one in ones}
    wanted |= {invoice_id: (due, cents) for invoice_id, due, cents in others}
    in_order = tuple(sorted(wanted, key=lambda invoice_id: (wanted[invoice_id][0], invoice_id)))
    return Decided(account, ones[0].insured_id, kind, meant, in_order, sum(cents for _, cents in wanted.values()), to)


def link_mail(session: Scoped, account: Account, day: date, link: DueLink | None) -> Decided | None:
    """The mail of a payment link, or with None one that staff send by hand; None if nothing is due any more."""
    asked = [one for one in asked_for(session, account, day, link.due_until if link else None) if not one.is_under_way]
    if not asked:
        return None
    return Decided(
        account=account,
        insured_id=asked[0].insured_id,
        kind="link" if link else "by_hand",
        steps=(),
        invoice_ids=tuple(one.id for one in asked),
        cents=sum(one.open_cents for one in asked),
        sequence=(link.sequence_id, link.number) if link else None,
    )


def _meant(ones: Sequence[OpenInvoice], steps: Mapping[date, Step]) -> tuple[Meant, ...]:
    in_order = sorted(ones, key=lambda one: (one.due_date, one.id)) if len(ones) > 1 else ones
    return tuple(Meant(one.id, one.due_date, steps[one.due_date].name) for one in in_order)
