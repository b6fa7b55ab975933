"""What must hold between fees, notices, cancelations, reinstatements and the books."""

from sqlalchemy import String, and_, case, cast, exists, func, select

from portal.core.invariants import Invariant
from portal.financing.late.models import CancelNotice, InstallmentFee, Reinstatement
from portal.financing.models import Loan, LoanInstallment
from portal.invoices.models import Invoice
from portal.ledger.late_postings import LOAN_ARREARS
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import LOAN_RECEIVABLE
from portal.programs.models import Program


def _entries(kind: str) -> object:
    return (
        select(func.count())
        .select_from(JournalEntry)
        .where(
            JournalEntry.agency_id == Loan.agency_id,
            JournalEntry.kind == kind,
            JournalEntry.ref.like(cast(Loan.id, String) + ":%"),
        )
        .correlate(Loan)
        .scalar_subquery()
    )


_standing = _entries("loan_canceled") - _entries("loan_reinstated")  # type: ignore[operator]
_arrears = (
    select(func.coalesce(func.sum(JournalLine.credit_cents - JournalLine.debit_cents), 0))
    .where(
        JournalLine.agency_id == Reinstatement.agency_id,
        JournalLine.account == LOAN_ARREARS,
        JournalLine.invoice_id == Reinstatement.invoice_id,
    )
    .correlate(Reinstatement)
    .scalar_subquery()
)
_applied = (
    select(func.coalesce(func.sum(JournalLine.debit_cents - JournalLine.credit_cents), 0))
    .join(JournalEntry, and_(JournalEntry.id == JournalLine.entry_id, JournalEntry.agency_id == JournalLine.agency_id))
    .where(
        JournalEntry.agency_id == Reinstatement.agency_id,
        JournalEntry.kind.in_(["arrears_applied", "arrears_returned"]),
        JournalEntry.ref == cast(Reinstatement.id, String),
        JournalLine.account == LOAN_ARREARS,
    )
    .correlate(Reinstatement)
    .scalar_subquery()
)
_went_back = case((JournalEntry.kind.in_(["check_bounced", "refund", "dispute_withdrawn"]), JournalLine.debit_cents))
_unpaid_again = (
    select(func.coalesce(func.sum(_went_back), 0) - func.coalesce(func.sum(JournalLine.credit_cents), 0))
    .join(JournalEntry, and_(JournalEntry.id == JournalLine.entry_id, JournalEntry.agency_id == JournalLine.agency_id))
    .where(
        JournalLine.agency_id == Invoice.agency_id,
        JournalLine.invoice_id == Invoice.id,
        JournalLine.account == LOAN_RECEIVABLE,
        JournalEntry.posted_at > Loan.ended_at,
    )
    .correlate(Invoice, Loan)
    .scalar_subquery()
)

INVARIANTS = [
    Invariant(
        "a fee on an installment is an invoice of its kind, void once it is waived",
        select(InstallmentFee.id, Invoice.kind, Invoice.state)
        .join(Invoice, and_(Invoice.id == InstallmentFee.invoice_id, Invoice.agency_id == InstallmentFee.agency_id))
        .where(
            (Invoice.kind != "late_fee") | (InstallmentFee.waived_at.is_not(None) & (Invoice.state != "void")),
        ),
    ),
    Invariant(
        "a notice of cancelation is live only on a program that is not canceled",
        select(CancelNotice.number)
        .join(Program, and_(Program.id == CancelNotice.program_id, Program.agency_id == CancelNotice.agency_id))
        .where(CancelNotice.closed_at.is_(None), Program.canceled_on.is_not(None)),
    ),
    Invariant(
        "a loan is canceled exactly when its cancelation stands in the books",
        select(Loan.number, Loan.state, _standing).where(case((Loan.state == "canceled", 1), else_=0) != _standing),
    ),
    Invariant(
        "nothing is open on the installments of a canceled loan, but what was paid and went back",
        select(Loan.number, Invoice.number)
        .join(LoanInstallment, and_(LoanInstallment.loan_id == Loan.id, LoanInstallment.agency_id == Loan.agency_id))
        .join(Invoice, and_(Invoice.id == LoanInstallment.invoice_id, Invoice.agency_id == Loan.agency_id))
        .where(Loan.state == "canceled", Invoice.open_cents != _unpaid_again),
    ),
    Invariant(
        "what a reinstatement asks for of installments is in the books until it lapses, and applied once it is paid",
        select(Reinstatement.id, Reinstatement.past_due_cents, _arrears, _applied).where(
            _arrears - _applied != case((Reinstatement.closed_at.is_(None), Reinstatement.past_due_cents), else_=0)
        ),
    ),
    Invariant(
        "a program with an open reinstatement is canceled",
        select(Reinstatement.id).where(
            Reinstatement.closed_at.is_(None),
            ~exists().where(
                Program.agency_id == Reinstatement.agency_id,
                Program.id == Reinstatement.program_id,
                Program.canceled_on.is_not(None),
            ),
        ),
    ),
]
