"""The life of a loan in the books: bound by its down payment, interest as periods end, paid off."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from portal.core.audit import SYSTEM, record
from portal.core.events import publish
from portal.core.tenancy import Scoped
from portal.financing.events import LoanBound
from portal.financing.late.canceled import reinstate_paid
from portal.financing.late.landed import stop_paid_notices
from portal.financing.lifecycle import check_move
from portal.financing.models import Loan, LoanInstallment
from portal.financing.payoffs import installments_of
from portal.invoices.issue import InvoiceDraft, LineDraft, write_invoices
from portal.invoices.kinds import installment_name
from portal.invoices.models import Invoice
from portal.invoices.settle import settle
from portal.ledger.journal import post
from portal.ledger.postings import interest_earned, loan_bound


def after_payment(session: Scoped, paid: Sequence[Invoice], today: date, at: datetime) -> None:
    """What follows for loans from invoices that a payment has closed, in its transaction.

    A down payment binds its loan; with the last installment the loan is paid off. What a notice of cancelation names is
    paid: it stops. A reinstatement lets its canceled loan go on.

    Args:
        session: a write unit.
        paid: invoices that money has just landed on.
        today: the day of the booking.
    """
    closed = [invoice for invoice in paid if invoice.open_cents == 0]
    for invoice in closed:
        if invoice.kind == "down_payment":
            _bind(session, invoice, today, at)
    reinstate_paid(session, closed, today, at)
    of_installments = {invoice.program_id or 0 for invoice in closed if invoice.kind == "installment"}
    stop_paid_notices(session, of_installments, at)
    installments = [invoice.id for invoice in closed if invoice.kind == "installment"]
    if installments:
        query = select(LoanInstallment.loan_id).where(LoanInstallment.invoice_id.in_(installments)).distinct()
        for loan_id in session.scalars(query).all():
            _end_if_paid(session, loan_id, at)


def book_interest(session: Scoped, today: date, at: datetime) -> int:
    """Earn the interest of every period that is over. Returns how many there were.

    Also of a loan whose last installments were paid ahead: their interest was paid with them, and is earned on its day.

    Args:
        session: a write unit.
        today: where the agency is.
    """
    rows = session.execute(
        select(LoanInstallment, Loan.number)
        .join(Loan, Loan.id == LoanInstallment.loan_id)
        .where(
            Loan.state.in_(("bound", "paid_off")),
            LoanInstallment.due_date <= today,
            LoanInstallment.interest_booked_on.is_(None),
        )
        .order_by(LoanInstallment.id)
        .limit(500)
    ).all()
    post(session, [interest_earned(str(one.id), one.interest_cents, one.due_date) for one, _ in rows], at)
    for one, _ in rows:
        one.interest_booked_on = today
    session.flush()
    return len(rows)


def _bind(session: Scoped, down: Invoice, today: date, at: datetime) -> None:
    """The down payment has come: the loan pays the rest, and each installment becomes an invoice."""
    query = select(Loan).where(Loan.down_invoice_id == down.id, Loan.state == "signed")
    loan = session.scalars(query).one_or_none()
    if loan is None:
        return
    check_move(loan.state, "bound")
    ones = installments_of(session, loan.id)
    invoices = write_invoices(session, [_draft(down, one, len(ones), today) for one in ones], at)
    for one, invoice in zip(ones, invoices, strict=True):
        one.invoice_id = invoice.id
    financed = session.get_one(Invoice, loan.financed_invoice_id)
    [part] = settle(session, [(financed, financed.open_cents)], at)
    owed = {invoice.id: invoice.total_cents for invoice in invoices}
    post(session, [loan_bound(str(loan.id), part, owed, today)], at)
    loan.state, loan.bound_at = "bound", at
    publish(session, LoanBound(loan.id, loan.program_id), at)
    record(session, SYSTEM, "loan.bound", "program", loan.program_id, at, loan=loan.number)
    session.flush()


def _end_if_paid(session: Scoped, loan_id: int, at: datetime) -> None:
    open_ones = session.scalars(
        select(Invoice.id)
        .join(LoanInstallment, LoanInstallment.invoice_id == Invoice.id)
        .where(LoanInstallment.loan_id == loan_id, Invoice.state == "open")
        .limit(1)
    ).first()
    loan = session.get_one(Loan, loan_id)
    if open_ones is not None or loan.state != "bound":
        return
    check_move(loan.state, "paid_off")
    loan.state, loan.ended_at = "paid_off", at
    record(session, SYSTEM, "loan.paid_off", "program", loan.program_id, at, loan=loan.number)
    session.flush()


def _draft(down: Invoice, one: LoanInstallment, count: int, today: date) -> InvoiceDraft:
    lines = [
        LineDraft("principal", "Principal", one.principal_cents),
        LineDraft("interest", "Interest", one.interest_cents),
    ]
    return InvoiceDraft(
        insured_id=down.insured_id,
        kind="installment",
        lines=[line for line in lines if line.amount_cents],
        issued_on=today,
        due_date=one.due_date,
        program_id=down.program_id,
        description=installment_name(one.number, count),
        contact_email=down.contact_email,
    )
