"""Payment links that staff send until they are paid; and one reminder by hand."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from portal.agencies.reminder_settings import Reminding, reminding_of
from portal.core.audit import Actor, record
from portal.core.errors import Conflict, NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.invoices.models import Invoice
from portal.programs.links import issue_link
from portal.programs.models import Program
from portal.servicing.reminders.deciding import Decided, Meant, link_mail
from portal.servicing.reminders.models import LinkSequence, Reminder, ReminderStep
from portal.servicing.reminders.queueing import queue
from portal.servicing.reminders.reading import sent_numbers
from portal.servicing.reminders.rule import CATCH_UP, step_on
from portal.servicing.reminders.still_due import Account, addresses_of, asked_for, owner_of

NOTHING_DUE = text("Nothing is due here now, so there is nothing to ask for.")
PARTNER_PAYS = text(
    "A partner pays this, so the customer is not asked. The partner’s contact gets the weekly list of what is overdue."
)
NO_ADDRESS = text("There is no e-mail address that works. Correct it first, or send the link in another way.")

SENT_TODAY = text("A reminder was sent by hand today already.")


def start_link(session: Scoped, account: Account, actor: Actor, today: date, at: datetime) -> LinkSequence:
    """Send the payment link now, and again on the days that the agency has set, until it is paid.

    Args:
        session: a write unit.
        actor: the staff member who asks for it.
        today: the day at the agency.

    Raises:
        NotFound: there is no such program or one-time payment.
        Conflict: nothing is due, no address works, or a link is being sent already.
    """
    require_account(session, account)
    if live_link(session, account) is not None:
        raise Conflict(text("The payment link is being sent already."))
    settings = reminding_of(session)
    mail = _by_hand(session, account, settings, today, at)
    due = session.scalars(select(Invoice.due_date).where(Invoice.id.in_(mail.invoice_ids))).all()
    sequence = LinkSequence(
        program_id=account.program_id,
        invoice_id=account.invoice_id,
        first_on=today,
        days=",".join(str(number) for number in settings.link_days),
        due_until=max(due),
        started_by=actor.name,
        started_at=at,
    )
    session.add(sequence)
    session.flush()
    first = mail._replace(kind="link", sequence=(sequence.id, 0))
    queue(session, [first], today, at, key=f"{account}:link:{sequence.id}")
    _record(session, actor, "link.sending_started", account, at, days=sequence.days, amount_cents=mail.cents)
    session.flush()
    return sequence


def stop_link(session: Scoped, account: Account, actor: Actor, at: datetime) -> None:
    """Send the payment link no more.

    Raises:
        NotFound: there is no such program or one-time payment.
        Conflict: it is not being sent.
    """
    require_account(session, account)
    sequence = live_link(session, account)
    if sequence is None or not _end(session, sequence.id, "stopped", at):
        raise Conflict(text("The payment link is not being sent any more."))
    _record(session, actor, "link.sending_stopped", account, at)
    session.flush()


def why_not_reminded(session: Scoped, account: Account, today: date) -> Text | None:
    """Why `remind_now` would send nothing, or None.

    Args:
        today: the day at the agency.
    """
    if link_mail(session, account, today, None) is None:
        return _why_nothing(session, account)
    if not addresses_of(session, [owner_of(session, account)])[account]:
        return NO_ADDRESS
    sent = select(Reminder.id).where(Reminder.key == _key_by_hand(account, today))
    return None if session.scalar(sent) is None else SENT_TODAY


def _key_by_hand(account: Account, today: date) -> str:
    return f"{account}:by_hand:{today}"


def remind_now(session: Scoped, account: Account, actor: Actor, today: date, at: datetime) -> None:
    """Send one reminder of what is due, at once; at most one by hand on a day.

    Raises:
        NotFound: there is no such program or one-time payment.
        Conflict: nothing is due, no address works, or it was done today.
    """
    require_account(session, account)
    mail = _by_hand(session, account, reminding_of(session), today, at)
    if not queue(session, [mail], today, at, key=_key_by_hand(account, today)):
        raise Conflict(SENT_TODAY)
    _record(session, actor, "reminder.sent_by_hand", account, at, amount_cents=mail.cents)
    session.flush()


def end_links(session: Scoped, day: date, at: datetime) -> None:
    """End payment links that have nothing to ask for any more, or whose last mail has left.

    What a payment holds is neither paid nor due: such a link waits.

    Args:
        session: a write unit.
    """
    live = session.scalars(select(LinkSequence).where(LinkSequence.ended_at.is_(None))).all()
    sent = sent_numbers(session, [one.id for one in live])
    for one in live:
        last = one.day_numbers[-1]
        if not asked_for(session, Account(one.program_id, one.invoice_id), day, one.due_until):
            _end(session, one.id, "settled", at)
        elif last in sent.get(one.id, ()) or (day - one.first_on).days > last + CATCH_UP.days:
            _end(session, one.id, "sent", at)


def require_account(session: Scoped, account: Account) -> None:
    """There is such a program; or such a one-time payment, which an invoice of a program is not.

    Raises:
        NotFound: there is none.
    """
    one_time = select(Invoice.id).where(Invoice.id == account.invoice_id, Invoice.program_id.is_(None))
    query = select(Program.id).where(Program.id == account.program_id) if account.program_id else one_time
    if session.scalar(query) is None:
        raise NotFound


def has_live_links(session: Scoped) -> bool:
    """Whether any payment link is being sent."""
    return session.scalar(select(LinkSequence.id).where(LinkSequence.ended_at.is_(None)).limit(1)) is not None


def live_link(session: Scoped, account: Account) -> LinkSequence | None:
    """The payment link that is being sent, or None."""
    return session.scalars(select(LinkSequence).where(account.links, LinkSequence.ended_at.is_(None))).one_or_none()


def _by_hand(session: Scoped, account: Account, settings: Reminding, today: date, at: datetime) -> Decided:
    """A mail of what is due now; the steps that its invoices have reached are done with it."""
    mail = link_mail(session, account, today, None)
    if mail is None:
        raise Conflict(_why_nothing(session, account))
    to = addresses_of(session, [owner_of(session, account)])[account]
    if not to:
        raise Conflict(NO_ADDRESS)
    issue_link(session, at, program_id=account.program_id, invoice_id=account.invoice_id)
    return mail._replace(to=to, steps=_reached(session, mail, settings, today))


def _why_nothing(session: Scoped, account: Account) -> Text:
    """Why there is nothing to ask the customer for: a partner is asked, or nothing is due."""
    billing = select(Program.billing_type).where(Program.id == account.program_id)
    return PARTNER_PAYS if session.scalar(billing) == "agency_bill" else NOTHING_DUE


def _reached(session: Scoped, mail: Decided, settings: Reminding, today: date) -> tuple[Meant, ...]:
    ids = mail.invoice_ids
    query = select(ReminderStep.invoice_id, ReminderStep.due_date, ReminderStep.step)
    done = set(session.execute(query.where(ReminderStep.invoice_id.in_(ids))))
    found = []
    for invoice_id, due in session.execute(select(Invoice.id, Invoice.due_date).where(Invoice.id.in_(ids))):
        step = step_on(due, today, settings.days_before, settings.days_after)
        if step is not None and (invoice_id, due, step.name) not in done:
            found.append(Meant(invoice_id, due, step.name))
    return tuple(found)


def _end(session: Scoped, sequence_id: int, why: str, at: datetime) -> bool:
    mine = update(LinkSequence).where(LinkSequence.id == sequence_id, LinkSequence.ended_at.is_(None))
    ended = session.execute(mine.values(ended_at=at, ended_why=why).execution_options(synchronize_session=False))
    return bool(ended.rowcount == 1)  # type: ignore[attr-defined]


def _record(session: Scoped, actor: Actor, action: str, account: Account, at: datetime, **detail: Any) -> None:
    kind = "program" if account.program_id else "invoice"
    record(session, actor, action, kind, account.program_id or account.invoice_id, at, **detail)
