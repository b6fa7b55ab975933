"""Put decided reminders on their way: the row that keeps each from being decided twice, and its mails, in one unit."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from sqlalchemy import insert, select, update

from portal.core.outbox import enqueue_all
from portal.core.tenancy import Scoped
from portal.servicing.reminders.deciding import Decided
from portal.servicing.reminders.models import Reminder, ReminderStep
from portal.servicing.reminders.still_due import Account, address_of, still_due

REMINDER = "mail.reminder"
Why = Literal["settled", "replaced", "no_address"]


def queue(session: Scoped, mails: Sequence[Decided], day: date, at: datetime, key: str = "") -> int:
    """Put mails on their way; those whose key or step is known already are left out.

    Args:
        session: a write unit.
        mails: up to some hundred; one without an address is kept as a mail that could go nowhere.
        day: the day at the agency.
        key: instead of the one of the account's day: for mails that staff send.

    Returns:
        How many were put on their way.
    """
    keys = {key or mail.key(day): mail for mail in mails}
    known = set(session.scalars(select(Reminder.key).where(Reminder.key.in_(keys))))
    invoice_ids = [meant.invoice_id for mail in mails for meant in mail.steps]
    query = select(ReminderStep.invoice_id, ReminderStep.due_date, ReminderStep.step)
    done = set(session.execute(query.where(ReminderStep.invoice_id.in_(invoice_ids))))
    fresh = {name: mail for name, mail in keys.items() if name not in known and not done & set(mail.steps)}
    if not fresh:
        return 0
    rows = [_row(name, mail, day, at) for name, mail in fresh.items()]
    made = insert(Reminder).returning(Reminder.id, sort_by_parameter_order=True)
    ids = session.scalars(made.execution_options(render_nulls=True), rows).all()
    numbered = list(zip(ids, fresh.values(), strict=True))
    steps = [{"reminder_id": number, **meant._asdict()} for number, mail in numbered for meant in mail.steps]
    if steps:
        session.execute(insert(ReminderStep), steps)
    wanted = [
        (
            REMINDER,
            f"{number}:{address.email_id or 'own'}",
            {"reminder_id": number, "email_id": address.email_id, "program_id": mail.account.program_id},
        )
        for number, mail in numbered
        for address in mail.to
    ]
    enqueue_all(session, wanted, at)
    return len(fresh)


def _row(key: str, mail: Decided, day: date, at: datetime) -> dict[str, object]:
    sequence_id, number = mail.sequence or (None, None)
    return {
        "key": key,
        "kind": mail.kind,
        "program_id": mail.account.program_id,
        "invoice_id": mail.account.invoice_id,
        "sequence_id": sequence_id,
        "number": number,
        "day": day,
        "decided_at": at,
        "cents": mail.cents,
        "addresses": len(mail.to),
        "dropped_at": None if mail.to else at,
        "dropped_why": None if mail.to else "no_address",
    }


def why_not(session: Scoped, reminder: Reminder, email_id: int | None, day: date, *, again: bool = False) -> Why | None:
    """Why a mail that waits is not to leave after all; None if it is.

    Args:
        email_id: to which address; None for the one that the program or one-time payment has of its own.
        day: the day at the agency.
        again: staff send it once more, whatever went out after it.
    """
    account = Account(reminder.program_id, reminder.invoice_id)
    if not still_due(session, reminder, day):
        return "settled"
    if address_of(session, account, email_id) is None:
        return "no_address"
    is_later = account.reminders, Reminder.id > reminder.id, Reminder.dropped_at.is_(None)
    later = session.scalar(select(Reminder.id).where(*is_later).limit(1))
    return "replaced" if later is not None and not again else None


def drop_if_not_due(session: Scoped, reminder_id: int, email_id: int | None, day: date, at: datetime) -> None:
    """Keep in mind that a mail was no longer due when it was to leave, and why.

    Args:
        session: a write unit.
        email_id: to which address it was to go.
        day: the day at the agency.
    """
    why = why_not(session, session.get_one(Reminder, reminder_id), email_id, day)
    mine = update(Reminder).where(Reminder.id == reminder_id, Reminder.dropped_at.is_(None))
    if why == "no_address":
        mine = mine.where(Reminder.addresses == 1)  # of several, another one may have it
    values = {"dropped_at": at, "dropped_why": why or "settled"}
    session.execute(mine.values(**values).execution_options(synchronize_session=False))
