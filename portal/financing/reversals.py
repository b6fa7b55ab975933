"""What follows for a loan when money that it was paid with goes back, and when that comes again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import String, cast, select

from portal.core.audit import SYSTEM, record
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.financing.lifecycle import check_move
from portal.financing.loans import after_payment
from portal.financing.models import Loan, LoanInstallment
from portal.financing.payoffs import installments_of, pay_off, payoffs_so_far
from portal.invoices.models import Invoice
from portal.invoices.settle import owe_again
from portal.ledger.journal import post
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import LOAN_RECEIVABLE, UNEARNED_INTEREST, loan_payoff_undone
from portal.programs.models import Program


def after_reversal(session: Scoped, payment_id: int, invoice_ids: Sequence[int], booked_on: date, at: datetime) -> None:
    """Invoices are open again: a loan that they had ended goes on; one that they had bound stays, and staff look.

    A payoff that comes back is as if it had never been: all interest that it saved is owed again.

    Args:
        session: the unit that has opened them.
        payment_id: what had paid them.
    """
    for loan_id in _loans_of(session, invoice_ids):
        _go_on(session, session.get_one(Loan, loan_id), booked_on, at)
    back = select(Invoice.id).where(Invoice.id.in_(invoice_ids), Invoice.kind == "reinstatement")
    if session.scalars(back).first() is not None:
        open_task(session, "payment.reinstatement_returned", str(payment_id), at)
    bound = select(Loan.id).where(Loan.down_invoice_id.in_(invoice_ids), Loan.state.in_(["bound", "paid_off"]))
    if session.scalars(bound).first() is not None:
        open_task(session, "payment.down_payment_returned", str(payment_id), at)


def after_return(session: Scoped, invoice_ids: Sequence[int], booked_on: date, at: datetime) -> None:
    """What had gone back pays invoices again: they bind or end their loans as they did before.

    Args:
        session: the unit in which the money has landed.
    """
    query = select(Invoice).where(Invoice.id.in_(invoice_ids)).order_by(Invoice.id)
    after_payment(session, session.scalars(query).all(), booked_on, at)
    for loan_id in _loans_of(session, invoice_ids):
        last = _last_payoff(session, loan_id)
        if last is not None and last.is_undone and _open_on(session, loan_id) == last.saved_cents:
            pay_off(session, loan_id, booked_on, at)


def _loans_of(session: Scoped, invoice_ids: Sequence[int]) -> list[int]:
    query = select(LoanInstallment.loan_id).where(LoanInstallment.invoice_id.in_(invoice_ids))
    return list(session.scalars(query.distinct().order_by(LoanInstallment.loan_id)))


def _go_on(session: Scoped, loan: Loan, booked_on: date, at: datetime) -> None:
    program = session.get_one(Program, loan.program_id)
    if loan.state != "paid_off" or program.canceled_on is not None:
        return  # a canceled program's loan has ended for good: what is open of it is simply owed
    check_move(loan.state, "bound")
    last = _last_payoff(session, loan.id)
    if last is not None and not last.is_undone:
        query = select(Invoice).where(Invoice.id.in_(last.saved_cents)).order_by(Invoice.id).with_for_update()
        invoices = session.scalars(query.execution_options(populate_existing=True)).all()
        owe_again(session, [(invoice, last.saved_cents[invoice.id]) for invoice in invoices], at)
        post(session, [loan_payoff_undone(last.ref, last.saved_cents, last.unearned_cents, booked_on)], at)
        _unbook_interest(session, loan.id)
    loan.state, loan.ended_at = "bound", None
    record(session, SYSTEM, "loan.reopened", "program", loan.program_id, at, loan=loan.number)
    session.flush()


def _unbook_interest(session: Scoped, loan_id: int) -> None:
    """Interest that the payoff had booked, and no period's end, is earned by the calendar again."""
    by_calendar = select(JournalEntry.id).where(
        JournalEntry.kind == "interest_earned", JournalEntry.ref == cast(LoanInstallment.id, String)
    )
    query = select(LoanInstallment.id).where(LoanInstallment.loan_id == loan_id, ~by_calendar.exists())
    by_payoff = set(session.scalars(query))
    for one in installments_of(session, loan_id):
        if one.id in by_payoff:
            one.interest_booked_on = None


@dataclass(frozen=True, slots=True)
class _Payoff:
    """A payoff as it stands in the books."""

    ref: str
    saved_cents: dict[int, int]
    unearned_cents: int
    is_undone: bool


def saved_by_payoff(session: Scoped, loan_id: int) -> int:
    """The interest in cents that the payoff of a loan has saved, as it stands in the books; 0 without one."""
    last = _last_payoff(session, loan_id)
    return 0 if last is None or last.is_undone else sum(last.saved_cents.values())


def _last_payoff(session: Scoped, loan_id: int) -> _Payoff | None:
    count = payoffs_so_far(session, loan_id)
    if not count:
        return None
    ref = f"{loan_id}:{count}"
    rows = session.execute(
        select(JournalLine.account, JournalLine.invoice_id, JournalLine.debit_cents, JournalLine.credit_cents)
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(JournalEntry.kind == "loan_paid_off", JournalEntry.ref == ref)
    ).all()
    undone = select(JournalEntry.id).where(JournalEntry.kind == "loan_payoff_undone", JournalEntry.ref == ref)
    return _Payoff(
        ref,
        {row.invoice_id: row.credit_cents for row in rows if row.account == LOAN_RECEIVABLE},
        sum(row.debit_cents for row in rows if row.account == UNEARNED_INTEREST),
        session.scalar(undone) is not None,
    )


def _open_on(session: Scoped, loan_id: int) -> dict[int, int]:
    query = (
        select(Invoice.id, Invoice.open_cents)
        .join(LoanInstallment, LoanInstallment.invoice_id == Invoice.id)
        .where(LoanInstallment.loan_id == loan_id, Invoice.state == "open")
    )
    return dict(session.execute(query).all())
