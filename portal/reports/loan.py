"""The loan of a program as its insured sees it: what is paid, what comes next, what ends it today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from sqlalchemy import bindparam, select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.financing.apr import percent
from portal.financing.models import Loan, LoanInstallment
from portal.financing.payoff import Method, rebates, savings
from portal.financing.reversals import saved_by_payoff
from portal.financing.schedule import Installment
from portal.invoices.due_first import later_installments
from portal.reports.insured_invoices import SeenInvoice


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the timeline; `invoice_id` only while it can be billed: before the down payment there is none.

    Args:
        status: paid, processing, overdue or upcoming.
        is_next: what is to be paid first.
        balance_cents: principal that is owed after it.
    """

    title: Text | str
    due_date: date
    amount_cents: int
    open_cents: int
    status: str
    is_next: bool
    invoice_id: int | None
    balance_cents: int

    @property
    def is_waiting(self) -> bool:
        """Whether it can be paid now."""
        return self.invoice_id is not None and self.status in {"upcoming", "overdue"}


@dataclass(frozen=True, slots=True)
class SeenLoan:
    """A finance agreement from its signature on.

    Args:
        apr_percent: as disclosed.
        steps: the installments, in order.
        payoff_cents: what ends it today; 0 when it cannot be ended now.
        saved_cents: the interest that ending it today saves, or that its payoff has saved.
    """

    id: int
    number: str
    state: str
    lender: str
    first_day: date
    apr_percent: Decimal
    amount_financed_cents: int
    finance_charge_cents: int
    signed_hash: str
    steps: tuple[Step, ...]
    payoff_cents: int
    saved_cents: int

    @property
    def total_cents(self) -> int:
        """The total of payments."""
        return self.amount_financed_cents + self.finance_charge_cents

    @property
    def open_cents(self) -> int:
        """What is still to be paid, as agreed."""
        return sum(step.open_cents for step in self.steps)

    @property
    def paid_cents(self) -> int:
        """What was paid, and what need not be paid any more."""
        return self.total_cents - self.open_cents

    @property
    def next_step(self) -> Step | None:
        """The installment that is to be paid first."""
        return next((step for step in self.steps if step.is_next), None)

    @property
    def balances(self) -> tuple[tuple[date, int], ...]:
        """Day -> principal that is owed from then on, as agreed: for the drawing."""
        return (
            (self.first_day, self.amount_financed_cents),
            *((step.due_date, step.balance_cents) for step in self.steps),
        )


_LOAN = (
    select(Loan, LoanInstallment)
    .join(LoanInstallment, LoanInstallment.loan_id == Loan.id)
    .where(Loan.id == bindparam("loan_id"))
    .order_by(LoanInstallment.number)
)


def seen_loan(session: Scoped, loan_id: int, invoices: Sequence[SeenInvoice], today: date) -> SeenLoan:
    """A loan with its installments, in one query; in three once it is paid off.

    Args:
        invoices: all of its program.
        today: the day at the agency.
    """
    rows = session.execute(_LOAN, {"loan_id": loan_id}).all()
    loan: Loan = rows[0][0]
    ones: list[LoanInstallment] = [row[1] for row in rows]
    billed = {invoice.id: invoice for invoice in invoices}
    waiting = [invoice for invoice in invoices if invoice.kind == "installment" and invoice.is_waiting]
    later = later_installments(waiting, today)
    asked = {invoice.id for invoice in waiting} - later
    saved = savings([_as_agreed(one) for one in ones], loan.first_day, today, cast(Method, loan.refund_method))
    steps = [_step(one, len(ones), billed.get(one.invoice_id or 0), asked) for one in ones]
    open_steps = [step for step in steps if step.open_cents]
    can_end = loan.state == "bound" and all(step.is_waiting for step in open_steps)
    saved_cents = sum(rebates(saved, [step.open_cents for step in steps])) if can_end else 0
    if loan.state == "paid_off":
        saved_cents = saved_by_payoff(session, loan.id)
    return SeenLoan(
        id=loan.id,
        number=loan.number,
        state=loan.state,
        lender=loan.lender_name,
        first_day=loan.first_day,
        apr_percent=percent(loan.apr),
        amount_financed_cents=loan.amount_financed_cents,
        finance_charge_cents=loan.finance_charge_cents,
        signed_hash=loan.signed_hash,
        steps=tuple(steps),
        payoff_cents=sum(step.open_cents for step in open_steps) - saved_cents if can_end else 0,
        saved_cents=saved_cents,
    )


def _step(one: LoanInstallment, count: int, invoice: SeenInvoice | None, asked: set[int]) -> Step:
    title = text("Installment %(number)s of %(count)s", number=one.number, count=count)
    if invoice is None:
        return Step(
            title,
            one.due_date,
            one.payment_cents,
            one.payment_cents,
            "upcoming",
            False,
            None,
            one.balance_cents,
        )
    return Step(
        title=title,
        due_date=invoice.due_date,
        amount_cents=invoice.total_cents,
        open_cents=invoice.open_cents,
        status="upcoming" if invoice.status == "awaiting_payment" else invoice.status,
        is_next=invoice.id in asked and invoice.status == "awaiting_payment",
        invoice_id=invoice.id,
        balance_cents=one.balance_cents,
    )


def _as_agreed(one: LoanInstallment) -> Installment:
    return Installment(
        one.number, one.due_date, one.payment_cents, one.interest_cents, one.principal_cents, one.balance_cents
    )
