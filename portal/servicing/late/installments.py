"""Installments that are past due, each with what decides about its fees: its agreement, its state, what was tried."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, case, exists, func, select

from portal.agencies.models import Agency, ProcessorAccount
from portal.core.clock import local_date
from portal.core.tenancy import Scoped
from portal.financing.late.fees import Agreed, Try
from portal.financing.models import Loan, LoanInstallment
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.payments.autopay.enrolled import Charged, charged
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.models import Claim, Payment
from portal.payments.money_back.models import Dispute
from portal.programs.models import Program

NO_FUNDS = frozenset({"insufficient_funds", "R01"})
"""What the processor and the network call it."""


@dataclass(frozen=True, slots=True)
class PastDue:
    """An open installment of a bound loan whose day has passed, and which no payment holds.

    Args:
        number: of the invoice; description: its name as kept.
        late_from: the days count from here: its due date, or later the day on which its invoice came to be.
        us_state: of the insured; empty outside the US.
        tries: payments of it that came to nothing.
        unfunded: those of them that came back for lack of funds, checks too: payment -> its day.
    """

    invoice_id: int
    number: str
    description: str
    program_id: int
    insured_id: int
    contact_email: str | None
    total_cents: int
    open_cents: int
    due_date: date
    late_from: date
    us_state: str
    is_person: bool
    loan_id: int
    agreed: Agreed
    is_on_autopay: bool = False
    tries: tuple[Try, ...] = ()
    unfunded: tuple[tuple[int, date], ...] = ()


def zone_of(session: Scoped) -> str:
    """The agency's time zone."""
    return session.scalars(select(Agency.time_zone).where(Agency.id == session.agency_id)).one()


def must_wait(session: Scoped) -> bool:
    """Whether what looks unpaid may be paid, or cannot be: a backup was restored, or the processor does not answer us.

    Until all payments were read again, or the account works again, any delay may be ours: no fee, no notice.
    """
    halted = ProcessorAccount.restored_from.is_not(None) | ProcessorAccount.paused_at.is_not(None)
    return session.scalars(select(ProcessorAccount.id).where(halted)).first() is not None


def past_due(session: Scoped, before: date, *, invoice_ids: Collection[int] | None = None) -> list[PastDue]:
    """The installments that were due before a day, by their day.

    Args:
        invoice_ids: look at these only; None: at all.
    """
    query = _PAST_DUE.where(Invoice.due_date < before).order_by(Invoice.due_date, Invoice.id)
    if invoice_ids is not None:
        query = query.where(Invoice.id.in_(invoice_ids))
    rows = session.execute(query).all()
    tries = _tries(session, [row.id for row in rows])
    by_us = charged(session) if rows else Charged({})
    return [_past_due(row, tries.get(row.id, []), by_us.is_promised(row)) for row in rows]


def _held() -> Any:
    return exists().where(Claim.agency_id == Invoice.agency_id, Claim.invoice_id == Invoice.id, Claim.state == "live")


_PAST_DUE: Select[*tuple[Any, ...]] = (
    select(
        Invoice.id,
        Invoice.number,
        Invoice.kind,
        Invoice.description,
        Invoice.program_id,
        Invoice.insured_id,
        Invoice.contact_email,
        Invoice.total_cents,
        Invoice.open_cents,
        Invoice.due_date,
        Invoice.issued_on,
        case((Insured.country == "US", Insured.state), else_="").label("us_state"),
        Insured.kind.label("insured_kind"),
        Loan.id.label("loan_id"),
        Loan.late_fee_rate,
        Loan.late_fee_after_days,
    )
    .join(LoanInstallment, LoanInstallment.invoice_id == Invoice.id)
    .join(Loan, Loan.id == LoanInstallment.loan_id)
    .join(Program, Program.id == Invoice.program_id)
    .join(Insured, Insured.id == Invoice.insured_id)
    .where(
        Invoice.kind == "installment",
        Invoice.state == "open",
        Loan.state == "bound",
        Program.archived_at.is_(None),
        Program.canceled_on.is_(None),
        ~_held(),
    )
)


@dataclass(frozen=True, slots=True)
class _Tried:
    payment_id: int
    tried: Try
    is_unfunded: bool


def _tries(session: Scoped, invoice_ids: Sequence[int]) -> dict[int, list[_Tried]]:
    """The payments that were to pay these invoices and came to nothing; those that were given up by hand left out."""
    if not invoice_ids:
        return {}
    zone = zone_of(session)
    returned = (
        select(func.max(Dispute.opened_at))
        .where(Dispute.agency_id == Payment.agency_id, Dispute.payment_id == Payment.id)
        .correlate(Payment)
        .scalar_subquery()
    )
    code = (
        select(func.max(Dispute.network_code))
        .where(Dispute.agency_id == Payment.agency_id, Dispute.payment_id == Payment.id)
        .correlate(Payment)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Claim.invoice_id, Payment, returned.label("at"), code.label("code"))
        .join(Payment, Payment.id == Claim.payment_id)
        .where(
            Claim.invoice_id.in_(invoice_ids),
            ((Claim.state == "released") & (Payment.state == "failed")) | (Claim.state == "reversed"),
        )
        .order_by(Payment.id)
    )
    found: dict[int, list[_Tried]] = {}
    for invoice_id, payment, returned_at, network_code in rows:
        is_check = payment.method_kind == "check"
        is_debit = payment.method_kind == BANK_DEBIT
        one = Try(
            local_date(payment.created_at, zone),
            local_date(returned_at or payment.changed_at, zone),
            payment.kind == "autopay",
            is_debit or is_check,
        )
        is_unfunded = is_check or (is_debit and bool(NO_FUNDS & {payment.decline_code, network_code}))
        found.setdefault(invoice_id, []).append(_Tried(payment.id, one, is_unfunded))
    return found


def _past_due(row: Row[Any], tries: Sequence[_Tried], is_on_autopay: bool) -> PastDue:
    return PastDue(
        invoice_id=row.id,
        number=row.number,
        description=row.description,
        program_id=row.program_id,
        insured_id=row.insured_id,
        contact_email=row.contact_email,
        total_cents=row.total_cents,
        open_cents=row.open_cents,
        due_date=row.due_date,
        late_from=max(row.due_date, row.issued_on),
        us_state=row.us_state,
        is_person=row.insured_kind == "person",
        loan_id=row.loan_id,
        agreed=Agreed(Decimal(row.late_fee_rate), row.late_fee_after_days),
        is_on_autopay=is_on_autopay,
        tries=tuple(one.tried for one in tries),
        unfunded=tuple((one.payment_id, one.tried.ended_on) for one in tries if one.is_unfunded),
    )
