"""What staff do with one open invoice of a program: another due date, void, write off. What is being paid is let be."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.errors import BadInput, Conflict
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.loans import after_payment
from portal.financing.models import Loan
from portal.invoices.issue import void_invoice
from portal.invoices.models import Invoice
from portal.invoices.write_off import write_off_invoice
from portal.payments.claims import held_invoices
from portal.programs.models import Program
from portal.servicing.actions.facts import hold_invoices, movable, past_due, voidable
from portal.servicing.actions.telling import tell

LATEST = timedelta(days=365)
NOT_THIS = text("This cannot be done with this invoice now. Nothing was changed.")


def change_due_date(
    session: Scoped, program: Program, invoice_id: int, due_date: date, actor: Actor, today: date, at: datetime
) -> None:
    """Give an invoice another due date; the insured is told.

    Args:
        session: a unit that holds the program (`facts.require`).
        due_date: from today on, at most a year ahead.

    Raises:
        BadInput: another day.
        Conflict: the invoice is paid, being paid, or its day is set by the agreement.
    """
    check_due_date(due_date, today)
    invoices = hold_invoices(session, program.id)
    invoice = _one(movable(invoices, _held(session, invoices)), invoice_id)
    before = invoice.due_date
    for one in [invoice, *_pays_with(session, invoice)]:
        one.due_date, one.touched_at = due_date, at
    if invoice.kind in {"pay_in_full", "down_payment"}:
        program.due_date = due_date
    record(
        session,
        actor,
        "invoice.due_date_changed",
        "program",
        program.id,
        at,
        invoice=invoice.number,
        due_date=[before.isoformat(), due_date.isoformat()],
    )
    tell(session, "due_date", program, f"{invoice.id}:{due_date.isoformat()}", at)
    session.flush()


def check_due_date(due_date: date, today: date) -> None:
    """Let a day pass that an invoice can become due on.

    Raises:
        BadInput: it is in the past, or more than a year ahead.
    """
    if not today <= due_date <= today + LATEST:
        raise BadInput(text("Choose a day from today on, within a year."))


def void_open(
    session: Scoped, program: Program, invoice_id: int, note: str, actor: Actor, today: date, at: datetime
) -> None:
    """Void an endorsement that nobody has paid on; the insured is told that nothing is due on it.

    Args:
        session: a unit that holds the program (`facts.require`).
        note: why, for colleagues.

    Raises:
        Conflict: it is paid on, being paid, or cannot be voided.
    """
    invoices = hold_invoices(session, program.id)
    invoice = _one(voidable(invoices, _held(session, invoices)), invoice_id)
    void_invoice(session, invoice, today, at)
    amount = invoice.total_cents
    record(
        session,
        actor,
        "invoice.voided",
        "program",
        program.id,
        at,
        invoice=invoice.number,
        amount_cents=amount,
        note=note,
    )
    tell(session, "voided", program, str(invoice.id), at)
    session.flush()


def write_off(
    session: Scoped,
    program: Program,
    invoice_id: int,
    reason: str,
    note: str,
    actor: Actor,
    today: date,
    at: datetime,
) -> None:
    """Give up what is open on an invoice that is past due. Nobody is told.

    Args:
        session: a unit that holds the program (`facts.require`).
        reason: a key of `invoices/write_off.py`; note: what else there is to say, for colleagues.

    Raises:
        Conflict: it is not past due, or being paid.
    """
    invoices = hold_invoices(session, program.id)
    invoice = _one(past_due(invoices, _held(session, invoices), today), invoice_id)
    cents = write_off_invoice(session, invoice, reason, note, actor.name, today, at)
    after_payment(session, [invoice], today, at)
    record(
        session,
        actor,
        "invoice.written_off",
        "program",
        program.id,
        at,
        invoice=invoice.number,
        amount_cents=cents,
        reason=reason,
    )
    session.flush()


def _one(allowed: Sequence[Invoice], invoice_id: int) -> Invoice:
    """One of those that the action is allowed for.

    Raises:
        Conflict: it is not among them.
    """
    found = next((invoice for invoice in allowed if invoice.id == invoice_id), None)
    if found is None:
        raise Conflict(NOT_THIS)
    return found


def _held(session: Scoped, invoices: Sequence[Invoice]) -> Collection[int]:
    return held_invoices(session, [invoice.id for invoice in invoices])


def _pays_with(session: Scoped, invoice: Invoice) -> Sequence[Invoice]:
    """What a down payment brings along: the part that its loan will pay, due on the same day."""
    if invoice.kind != "down_payment":
        return ()
    financed = select(Loan.financed_invoice_id).where(Loan.down_invoice_id == invoice.id, Loan.state == "signed")
    return session.scalars(select(Invoice).where(Invoice.id.in_(financed))).all()
