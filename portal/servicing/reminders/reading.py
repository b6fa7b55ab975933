"""What the decision about reminders needs of what is stored: open invoices, links under way, tries of late."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from portal.agencies.reminder_settings import Reminding
from portal.core.clock import local_date
from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.payments.autopay.enrolled import charged
from portal.payments.models import Claim, Payment
from portal.programs.models import Program
from portal.servicing.reminders.models import LinkSequence, Reminder, ReminderStep
from portal.servicing.reminders.rule import CATCH_UP, Step, counts_from, link_on
from portal.servicing.reminders.still_due import AT_ONCE, Account, not_canceled


class OpenInvoice(NamedTuple):
    """An open invoice whose due date has a step, as it is read."""

    id: int
    kind: str
    due_date: date
    open_cents: int
    program_id: int | None
    insured_id: int
    issued_on: date
    own_email: str | None
    contact_email: str | None
    came_lately: datetime | None

    @property
    def account(self) -> Account:
        """The program, or the one-time payment itself."""
        return Account(self.program_id, None if self.program_id else self.id)

    @property
    def own_address(self) -> str | None:
        """The address that the program, or the one-time payment, has of its own."""
        return self.contact_email if self.program_id else self.own_email


class DueLink(NamedTuple):
    """A mail of a payment link: of which one, on which of its days, and what it asks for."""

    sequence_id: int
    number: int
    due_until: date


def reached(
    session: Scoped, steps: Mapping[date, Step], settings: Reminding, day: date, zone: str
) -> list[OpenInvoice]:
    """The open invoices that have reached a step which was not done, that nobody pays and autopay does not charge.

    Args:
        steps: due date -> the step that it has reached.
    """
    names = case({due: step.name for due, step in steps.items()}, value=Invoice.due_date)
    done = exists().where(
        ReminderStep.agency_id == Invoice.agency_id,
        ReminderStep.invoice_id == Invoice.id,
        ReminderStep.due_date == Invoice.due_date,
        ReminderStep.step == names,
    )
    takes_payment = and_(
        Program.archived_at.is_(None), Program.is_draft.is_(False), Program.billing_type == "direct_bill"
    )
    rows = session.execute(
        select(
            Invoice.id,
            Invoice.kind,
            Invoice.due_date,
            Invoice.open_cents,
            Invoice.program_id,
            Invoice.insured_id,
            Invoice.issued_on,
            Invoice.contact_email,
            Program.contact_email,
            case((Program.created_at >= _lately(day), Program.created_at)),
        )
        .outerjoin(Program, Program.id == Invoice.program_id)
        .where(
            Invoice.state == "open",
            Invoice.due_date.in_(sorted(steps)),
            Invoice.kind != "financed",
            or_(Invoice.program_id.is_(None), takes_payment),
            not_canceled(day),
            ~_held(),
            ~done,
        )
    )
    by_autopay = charged(session)
    read = (OpenInvoice(*row) for row in rows)
    asked = (one for one in read if not by_autopay.holds(one))
    found = sorted(asked, key=attrgetter("id"))
    tried = _tried(session, [one.id for one in found if steps[one.due_date].day < day], day, zone)
    here_for_long = day - CATCH_UP - timedelta(days=1)
    return [
        one
        for one in found
        if (one.came_lately is None and one.issued_on < here_for_long and one.id not in tried)
        or steps[one.due_date].day >= _counts_from(one, settings, tried.get(one.id), zone)
    ]


def _counts_from(one: OpenInvoice, settings: Reminding, tried_on: date | None, zone: str) -> date:
    arrived = one.issued_on if one.came_lately is None else max(one.issued_on, local_date(one.came_lately, zone))
    return counts_from(arrived, settings.changed_on, tried_on)


def _tried(session: Scoped, invoice_ids: Sequence[int], day: date, zone: str) -> dict[int, date]:
    """When a payment of these invoices last failed or went back, as far as it was of late."""
    found: dict[int, date] = {}
    for ids in _some(invoice_ids):
        query = (
            select(Claim.invoice_id, func.max(Payment.changed_at))
            .join(Payment, Payment.id == Claim.payment_id)
            .where(Claim.invoice_id.in_(ids), Claim.state != "live", Payment.changed_at >= _lately(day))
            .group_by(Claim.invoice_id)
        )
        found |= {invoice_id: local_date(at, zone) for invoice_id, at in session.execute(query) if at is not None}
    return found


def _lately(day: date) -> datetime:
    """A moment before all that matters for steps that are still made up for, wherever the agency is."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - CATCH_UP - timedelta(days=3)


def past_due(session: Scoped, accounts: Iterable[Account], day: date) -> dict[int | None, list[tuple[int, date, int]]]:
    """By program: its other invoices that are past due and not held by a payment."""
    found: dict[int | None, list[tuple[int, date, int]]] = {}
    for ids in _some([account.program_id for account in accounts if account.program_id]):
        query = select(Invoice.program_id, Invoice.id, Invoice.due_date, Invoice.open_cents).where(
            Invoice.program_id.in_(ids),
            Invoice.state == "open",
            Invoice.due_date < day,
            Invoice.kind != "financed",
            ~_held(),
        )
        for program_id, invoice_id, due, cents in session.execute(query):
            found.setdefault(program_id, []).append((invoice_id, due, cents))
    return found


def due_links(session: Scoped, day: date, today: date) -> dict[Account, DueLink]:
    """The payment links that staff send and whose next mail is due on a day, by account."""
    live = session.scalars(select(LinkSequence).where(LinkSequence.ended_at.is_(None))).all()
    sent = sent_numbers(session, [one.id for one in live])
    found = {}
    for one in live:
        number = link_on(one.first_on, day, one.day_numbers, sent.get(one.id, frozenset()))
        if number is not None and (day == today or one.first_on + timedelta(days=number) == day):
            found[Account(one.program_id, one.invoice_id)] = DueLink(one.id, number, one.due_until)
    return found


def sent_numbers(session: Scoped, sequence_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Which of their mails were decided, of payment links that staff send."""
    found: dict[int, frozenset[int]] = {}
    query = select(Reminder.sequence_id, Reminder.number).where(Reminder.sequence_id.in_(sequence_ids))
    for sequence_id, number in session.execute(query):
        if sequence_id is not None and number is not None:
            found[sequence_id] = found.get(sequence_id, frozenset()) | {number}
    return found


def had_mail(session: Scoped, day: date) -> frozenset[Account]:
    """The accounts that had their mail of the day."""
    query = select(Reminder.program_id, Reminder.invoice_id).where(Reminder.day == day)
    return frozenset(Account(*row) for row in session.execute(query))


def _held() -> ColumnElement[bool]:
    return exists().where(Claim.agency_id == Invoice.agency_id, Claim.invoice_id == Invoice.id, Claim.state == "live")


def _some(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(ids), AT_ONCE):
        yield ids[first : first + AT_ONCE]
