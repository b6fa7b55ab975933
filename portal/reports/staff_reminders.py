"""What staff see of the reminders of a program or one-time payment: what left, what comes, and which addresses work."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from portal.agencies.reminder_settings import reminding_of
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.dead_addresses import DeadAddress, dead_of
from portal.notices.models import SentMail
from portal.payments.autopay.enrolled import is_on_autopay
from portal.servicing.reminders.models import LinkSequence, Reminder
from portal.servicing.reminders.queueing import REMINDER
from portal.servicing.reminders.reading import sent_numbers
from portal.servicing.reminders.still_due import Account, addresses_of, asked_for, not_charged, owner_of

MOST = 20
KIND_WORDS = {
    "upcoming": text("Reminder"),
    "overdue": text("Overdue mail"),
    "link": text("Payment link"),
    "by_hand": text("Reminder by hand"),
}
DROPPED_WORDS = {
    "settled": text("Not sent: nothing was due any more"),
    "replaced": text("Not sent: a later one took its place"),
    "no_address": text("Not sent: no e-mail address that works"),
}
ENDED_WORDS = {
    "settled": text("It ended: what it asked for is not due any more."),
    "stopped": text("It was stopped."),
    "sent": text("It ended with its last mail."),
}


@dataclass(frozen=True, slots=True)
class SeenReminder:
    """A mail that was decided; `mail_id` leads to what was sent, if it has left."""

    words: Text
    day: date
    cents: int
    outcome: Text
    mail_id: int | None
    has_left: bool


@dataclass(frozen=True, slots=True)
class SeenLink:
    """A payment link that is being sent, or that was, the last one.

    Args:
        coming: the days of the mails that are still to leave, if it is not paid before.
        ended: how it ended; None while it is being sent.
    """

    first_on: date
    started_by: str
    coming: tuple[date, ...]
    ended: Text | None


@dataclass(frozen=True, slots=True)
class SeenReminders:
    """All of it.

    Args:
        is_due: something is open that can be asked for now.
        to: the addresses that mails go to.
        next_on: when the next reminder leaves by itself; None if none is to come.
    """

    is_due: bool
    on_autopay: bool
    to: tuple[str, ...]
    next_on: date | None
    link: SeenLink | None
    reminders: tuple[SeenReminder, ...]


def seen_reminders(session: Scoped, account: Account, today: date) -> SeenReminders:
    """What staff see on the page of a program or one-time payment.

    Args:
        today: the day at the agency.
    """
    asked = [one for one in asked_for(session, account, today) if not one.is_under_way]
    on_autopay = account.program_id is not None and is_on_autopay(session, account.program_id)
    to = addresses_of(session, [owner_of(session, account)])[account]
    return SeenReminders(
        is_due=bool(asked),
        on_autopay=on_autopay,
        to=tuple(address.email for address in to),
        next_on=_next_on(session, account, today),
        link=_link(session, account, today),
        reminders=tuple(_reminders(session, account)),
    )


def dead_among(session: Scoped, emails: Collection[str]) -> dict[str, DeadAddress]:
    """Which of these addresses do not work."""
    return dead_of(session, emails)


def _next_on(session: Scoped, account: Account, today: date) -> date | None:
    settings = reminding_of(session)
    days = []
    for one in not_charged(session, account, today):
        days += [one.due_date - timedelta(days=number) for number in settings.days_before]
        days += [one.due_date + timedelta(days=number) for number in settings.days_after]
    return min((day for day in days if day > today), default=None)


def _link(session: Scoped, account: Account, today: date) -> SeenLink | None:
    newest = select(LinkSequence).where(account.links).order_by(LinkSequence.id.desc()).limit(1)
    row = session.scalars(newest).one_or_none()
    if row is None:
        return None
    sent = sent_numbers(session, [row.id]).get(row.id, frozenset())
    days = [row.first_on + timedelta(days=number) for number in row.day_numbers if number not in sent]
    still_asks = bool(asked_for(session, account, today, row.due_until))
    why = row.ended_why or (None if still_asks else "settled")
    return SeenLink(
        first_on=row.first_on,
        started_by=row.started_by,
        coming=() if why else tuple(day for day in days if day >= today),
        ended=ENDED_WORDS[why] if why else None,
    )


def _reminders(session: Scoped, account: Account) -> Sequence[SeenReminder]:
    rows = session.scalars(select(Reminder).where(account.reminders).order_by(Reminder.id.desc()).limit(MOST)).all()
    mails = _mails(session, [row.id for row in rows])
    found = []
    for row in rows:
        mail_id = mails.get(row.id)
        found.append(
            SeenReminder(
                words=KIND_WORDS[row.kind],
                day=row.day,
                cents=row.cents,
                outcome=_outcome(row, mail_id),
                mail_id=mail_id,
                has_left=mail_id is not None,
            )
        )
    return found


def _outcome(row: Reminder, mail_id: int | None) -> Text:
    if mail_id is not None:
        return text("Sent")
    return DROPPED_WORDS[row.dropped_why] if row.dropped_why else text("On its way")


def _mails(session: Scoped, reminder_ids: Sequence[int]) -> dict[int, int]:
    """By reminder: one of the mails that left for it. A mail's key begins with the reminder's id."""
    found: dict[int, int] = {}
    for number in reminder_ids:
        query = select(func.max(SentMail.id)).where(
            SentMail.kind == REMINDER, SentMail.dedupe_key.startswith(f"{number}:", autoescape=True)
        )
        mail_id = session.scalar(query)
        if mail_id is not None:
            found[number] = mail_id
    return found
