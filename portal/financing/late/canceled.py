"""A loan that is canceled for non-payment in the books, and the reinstatement that undoes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import func, select

from portal.core.audit import SYSTEM, record
from portal.core.errors import IllegalMove
from portal.core.events import publish
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.events import ProgramReinstated
from portal.financing.late.models import Reinstatement
from portal.financing.lifecycle import check_move
from portal.financing.models import Loan, LoanInstallment
from portal.financing.payoff import Method, savings
from portal.financing.payoffs import as_agreed, installments_of
from portal.invoices.books import billed
from portal.invoices.issue import void_invoice
from portal.invoices.models import Invoice
from portal.invoices.settle import owe_again, settle
from portal.ledger.journal import post
from portal.ledger.late_postings import (
    LOAN_ARREARS,
    OpenInstallment,
    arrears_applied,
    arrears_returned,
    bounced_owed,
    credit_of,
    loan_canceled,
    loan_reinstated,
)
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import INTEREST_INCOME, LOAN_RECEIVABLE, SUSPENSE, Line
from portal.programs.models import Program


def cancel_loan(session: Scoped, loan: Loan, today: date, at: datetime) -> tuple[str, int]:
    """End a bound loan that is not paid: its open installments are void, and the books take them back.

    Args:
        session: a write unit that holds the program's invoices, none of which a payment holds.

    Returns:
        The reference of the entry `loan_canceled`, and the cents that it made the customer's credit.
    """
    check_move(loan.state, "canceled")
    ones = installments_of(session, loan.id)
    saved = savings([as_agreed(one) for one in ones], loan.first_day, today, cast(Method, loan.refund_method))
    invoices = _invoices(session, ones)
    taken = [
        OpenInstallment(
            invoice_id=one.invoice_id or 0,
            payment_cents=one.payment_cents,
            interest_cents=one.interest_cents,
            open_cents=invoices[one.invoice_id or 0].open_cents,
            is_booked=one.interest_booked_on is not None,
            unearned_cents=unearned,
        )
        for one, unearned in zip(ones, saved, strict=True)
    ]
    ref = f"{loan.id}:{_cancelations(session, loan.id) + 1}"
    post(session, [loan_canceled(ref, billed(session, loan.financed_invoice_id), taken, today)], at)
    for invoice in invoices.values():
        if invoice.state == "open":
            invoice.state, invoice.open_cents, invoice.touched_at = "void", 0, at
    loan.state, loan.ended_at = "canceled", at
    about = f"{loan.program_id}:{ref}"
    open_task(session, "loan.canceled", about, at, agreement=loan.number, lender=loan.lender_name)
    session.flush()
    return ref, credit_of(taken)


@dataclass(frozen=True, slots=True)
class Unpaid:
    """What was unpaid of a loan on the day of its cancelation.

    Args:
        interest_cents: earned by that day; what was not earned yet is not owed.
    """

    canceled_on: date
    principal_cents: int
    interest_cents: int


def unpaid_when_canceled(session: Scoped, loan: Loan) -> Unpaid:
    """What was unpaid of a loan when it was last canceled, by the entry of that day.

    Raises:
        IllegalMove: it was never.
    """
    entry, lines = _last_cancelation(session, loan.id)
    return Unpaid(
        entry.booked_on,
        sum(line.cents for line in lines if line.invoice_id == loan.financed_invoice_id),
        sum(line.cents for line in lines if line.account == INTEREST_INCOME),
    )


def owed_when_canceled(session: Scoped, loan_id: int) -> dict[int, int]:
    """What was open on each installment when its loan was last canceled: invoice -> cents."""
    lines = _last_cancelation(session, loan_id)[1]
    return {line.invoice_id or 0: -line.cents for line in lines if line.account == LOAN_RECEIVABLE}


def reinstate_paid(session: Scoped, paid: Sequence[Invoice], today: date, at: datetime) -> None:
    """What follows from reinstatement invoices that a payment has closed: the loan goes on, brought current.

    Args:
        session: the write unit in which the money has landed.
    """
    ids = [invoice.id for invoice in paid if invoice.kind == "reinstatement"]
    query = select(Reinstatement).where(Reinstatement.invoice_id.in_(ids), Reinstatement.closed_at.is_(None))
    for offer in session.scalars(query).all() if ids else ():
        _reinstate(session, offer, today, at)


def void_reinstatement(session: Scoped, invoice: Invoice, today: date, at: datetime) -> None:
    """Void a reinstatement invoice that is open again because its payment went back, before its loan is canceled again.

    What it had brought for past-due installments is unpaid: they are owed again, from the last one on.

    Args:
        session: a write unit that holds the program's invoices.
    """
    offer = session.scalars(select(Reinstatement).where(Reinstatement.invoice_id == invoice.id)).one()
    books = billed(session, invoice.id)
    kept = books.part(invoice.total_cents - invoice.open_cents)
    left = sum(
        share.cents - paid for share, paid in zip(books.shares, kept, strict=True) if share.account == LOAN_ARREARS
    )
    void_invoice(session, invoice, today, at)
    ones = [one for one in reversed(installments_of(session, offer.loan_id)) if one.due_date <= offer.through]
    owed = {}
    for one in ones:
        installment = session.get_one(Invoice, one.invoice_id)
        owed[installment.id] = min(left, installment.total_cents - installment.open_cents)
        left -= owed[installment.id]
        if owed[installment.id]:
            owe_again(session, [(installment, owed[installment.id])], at)
    post(session, [arrears_returned(str(offer.id), owed, today)], at)


def _reinstate(session: Scoped, offer: Reinstatement, today: date, at: datetime) -> None:
    loan = session.get_one(Loan, offer.loan_id)
    check_move(loan.state, "bound")
    entry, lines = _last_cancelation(session, loan.id)
    owed = {line.invoice_id or 0: -line.cents for line in lines if line.account == LOAN_RECEIVABLE}
    query = select(Invoice).where(Invoice.id.in_(owed)).order_by(Invoice.id).with_for_update()
    invoices = session.scalars(query.execution_options(populate_existing=True)).all()
    bounced = _bounced(session, owed)
    owe_again(session, [(invoice, owed[invoice.id] + bounced.get(invoice.id, 0)) for invoice in invoices], at)
    arrears = [(invoice, owed[invoice.id]) for invoice in invoices if invoice.due_date <= offer.through]
    settle(session, arrears, at)
    applied = arrears_applied(str(offer.id), {invoice.id: cents for invoice, cents in arrears}, today)
    post(session, [loan_reinstated(entry.ref, lines, today), applied], at)
    if bounced:
        post(session, [bounced_owed(str(offer.id), bounced, today)], at)
    loan.state, loan.ended_at = "bound", None
    session.get_one(Program, offer.program_id).canceled_on = None
    offer.closed_at, offer.closed_for = at, "paid"
    publish(session, ProgramReinstated(offer.id, offer.program_id), at)
    about = f"{loan.program_id}:{entry.ref}"
    open_task(session, "loan.reinstated", about, at, agreement=loan.number, lender=loan.lender_name)
    record(session, SYSTEM, "program.reinstated", "program", offer.program_id, at, loan=loan.number)
    session.flush()


def _bounced(session: Scoped, invoice_ids: Iterable[int]) -> dict[int, int]:
    """What had paid these installments and bounced while they were void: it waits in suspense. Invoice -> cents."""
    cents = func.sum(JournalLine.debit_cents - JournalLine.credit_cents)
    query = select(JournalLine.invoice_id, cents).where(
        JournalLine.account == SUSPENSE, JournalLine.invoice_id.in_(invoice_ids)
    )
    waiting = session.execute(query.group_by(JournalLine.invoice_id).order_by(JournalLine.invoice_id).having(cents > 0))
    return {invoice_id or 0: int(left) for invoice_id, left in waiting.all()}


def _last_cancelation(session: Scoped, loan_id: int) -> tuple[JournalEntry, list[Line]]:
    """The entry by which a loan was last canceled, and its lines.

    Raises:
        IllegalMove: it was never.
    """
    ref = f"{loan_id}:{_cancelations(session, loan_id)}"
    query = select(JournalEntry).where(JournalEntry.kind == "loan_canceled", JournalEntry.ref == ref)
    entry = session.scalars(query).one_or_none()
    if entry is None:
        raise IllegalMove(text("This loan was not canceled."))
    rows = session.scalars(select(JournalLine).where(JournalLine.entry_id == entry.id).order_by(JournalLine.id))
    return entry, [
        Line(row.account, row.debit_cents - row.credit_cents, row.invoice_id, row.policy_id, row.carrier)
        for row in rows
    ]


def _cancelations(session: Scoped, loan_id: int) -> int:
    query = select(func.count()).select_from(JournalEntry)
    canceled = query.where(JournalEntry.kind == "loan_canceled", JournalEntry.ref.like(f"{loan_id}:%"))
    return session.scalar(canceled) or 0


def _invoices(session: Scoped, ones: Sequence[LoanInstallment]) -> dict[int, Invoice]:
    query = select(Invoice).where(Invoice.id.in_([one.invoice_id for one in ones])).order_by(Invoice.id)
    found = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    return {invoice.id: invoice for invoice in found}
