"""Ending a loan early: what it costs today by installment, and what follows in the books once that is paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import func, select

from portal.core.audit import SYSTEM, record
from portal.core.tenancy import Scoped
from portal.financing.lifecycle import check_move
from portal.financing.models import Loan, LoanInstallment
from portal.financing.payoff import Method, rebates, savings
from portal.financing.schedule import Installment
from portal.invoices.models import Invoice
from portal.invoices.settle import forgive
from portal.ledger.journal import post
from portal.ledger.models import JournalEntry
from portal.ledger.postings import loan_paid_off


@dataclass(frozen=True, slots=True)
class PayoffQuote:
    """What ends a loan on a day.

    Args:
        open_cents: invoice of each open installment -> what is open on it.
        saved_cents: the same invoices -> interest that need not be paid.
    """

    loan_id: int
    open_cents: Mapping[int, int]
    saved_cents: Mapping[int, int]

    @property
    def payoff_cents(self) -> int:
        """All of it."""
        return sum(self.open_cents.values()) - self.total_saved_cents

    @property
    def total_saved_cents(self) -> int:
        """Interest saved."""
        return sum(self.saved_cents.values())


def quote_payoff(session: Scoped, loan_id: int, on: date) -> PayoffQuote:
    """What ends a bound loan on a day; nothing open, nothing to pay.

    Args:
        on: where the agency is.
    """
    loan = session.get_one(Loan, loan_id)
    ones = installments_of(session, loan_id)
    saved = savings([as_agreed(one) for one in ones], loan.first_day, on, cast(Method, loan.refund_method))
    invoice_ids = [one.invoice_id or 0 for one in ones]
    query = select(Invoice.id, Invoice.open_cents).where(Invoice.id.in_(invoice_ids), Invoice.state == "open")
    open_cents = dict(session.execute(query.order_by(Invoice.id)).all())
    rebated = dict(zip(invoice_ids, rebates(saved, [open_cents.get(each, 0) for each in invoice_ids]), strict=True))
    return PayoffQuote(loan_id, open_cents, {invoice_id: rebated[invoice_id] for invoice_id in open_cents})


def pay_off(session: Scoped, loan_id: int, today: date, at: datetime) -> None:
    """The payoff has come: what is open beyond it is interest that is not owed.

    Args:
        session: a write unit in which the payment has landed on the installments.
    """
    loan = session.get_one(Loan, loan_id)
    if loan.state != "bound":
        return
    check_move(loan.state, "paid_off")
    ones = installments_of(session, loan_id)
    query = select(Invoice).where(Invoice.id.in_([one.invoice_id for one in ones]), Invoice.state == "open")
    invoices = session.scalars(query.order_by(Invoice.id).with_for_update()).all()
    saved = forgive(session, invoices, at)
    unearned = [one for one in ones if one.interest_booked_on is None]
    ref = f"{loan.id}:{payoffs_so_far(session, loan.id) + 1}"
    post(session, [loan_paid_off(ref, saved, sum(one.interest_cents for one in unearned), today)], at)
    for one in unearned:
        one.interest_booked_on = today
    loan.state, loan.ended_at = "paid_off", at
    record(
        session,
        SYSTEM,
        "loan.paid_off",
        "program",
        loan.program_id,
        at,
        loan=loan.number,
        saved_cents=sum(saved.values()),
    )
    session.flush()


def payoffs_so_far(session: Scoped, loan_id: int) -> int:
    """How often a loan was paid off: again only after a payoff was returned. Their entries are numbered from 1 on."""
    query = select(func.count()).select_from(JournalEntry)
    paid_off = query.where(JournalEntry.kind == "loan_paid_off", JournalEntry.ref.like(f"{loan_id}:%"))
    return session.scalar(paid_off) or 0


def installments_of(session: Scoped, loan_id: int) -> list[LoanInstallment]:
    """The installments of a loan, in order."""
    query = select(LoanInstallment).where(LoanInstallment.loan_id == loan_id).order_by(LoanInstallment.number)
    return list(session.scalars(query))


def as_agreed(one: LoanInstallment) -> Installment:
    """An installment as the rules know it."""
    return Installment(
        one.number, one.due_date, one.payment_cents, one.interest_cents, one.principal_cents, one.balance_cents
    )
