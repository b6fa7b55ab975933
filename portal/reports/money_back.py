"""What went back of payments, or is asked back: refunds and disputes as people see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.documents.given_back import refunded_to
from portal.documents.refunded import reason_words
from portal.invoices.kinds import kind_name
from portal.invoices.models import Invoice
from portal.payments.method_name import method_name
from portal.payments.models import Claim, Payment
from portal.payments.money_back.credit import CreditOwner
from portal.payments.money_back.models import Dispute, Refund
from portal.payments.money_back.shown import gone_back, shown_state
from portal.payments.money_back.standing import Standing, standing
from portal.programs.models import Program
from portal.reports.credit import credit_name


@dataclass(frozen=True, slots=True)
class SeenRefund:
    """A refund. State as `statuses.py` words it; `has_note` when its credit note can be had."""

    reference: str
    state: str
    total_cents: int
    made_at: datetime
    reason: Text
    to: Text | str
    note: str
    has_note: bool


@dataclass(frozen=True, slots=True)
class SeenDispute:
    """A dispute, an inquiry or a return."""

    state: str
    amount_cents: int
    opened_at: datetime
    due_at: datetime | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Source:
    """An invoice that the payment pays, with what it still pays on it, and what of it could go back."""

    id: int
    number: str
    title: Text | str
    paid_cents: int
    covered_cents: int


@dataclass(frozen=True, slots=True)
class StaffPayment:
    """A payment as staff see it.

    Args:
        state: as stored; "disputed", "returned" or what a refund made of it, as `shown_state` says.
        now: what of it can go back; None before it has succeeded.
        programs: ids and names of those that it pays for.
        credit_of: whose credit it makes, and their name; None if nobody is known.
    """

    payment: Payment
    state: str
    method: Text | str
    sources: tuple[Source, ...]
    now: Standing | None
    refunds: tuple[SeenRefund, ...]
    disputes: tuple[SeenDispute, ...]
    programs: tuple[tuple[int, str], ...]
    credit_of: tuple[CreditOwner, str] | None


def refunds_of(session: Scoped, payment_id: int) -> tuple[SeenRefund, ...]:
    """The refunds of a payment, the newest first."""
    rows = session.execute(
        select(Refund, Payment)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.payment_id == payment_id)
        .order_by(Refund.id.desc())
    ).all()
    return tuple(_seen(*row) for row in rows)


def disputes_of(session: Scoped, payment_id: int) -> tuple[SeenDispute, ...]:
    """The disputes and returns of a payment, the newest first."""
    rows = session.scalars(select(Dispute).where(Dispute.payment_id == payment_id).order_by(Dispute.id.desc()))
    return tuple(
        SeenDispute(
            state=_dispute_state(row),
            amount_cents=row.amount_cents,
            opened_at=row.opened_at,
            due_at=row.evidence_due_at if _dispute_state(row) in {"disputed", "inquiry"} else None,
            is_open=_dispute_state(row) in {"disputed", "inquiry"},
        )
        for row in rows
    )


def staff_payment(session: Scoped, payment_id: int) -> StaffPayment:
    """A payment with what it pays, what went back, and what still can.

    Raises:
        NotFound: there is none.
    """
    payment = session.scalars(select(Payment).where(Payment.id == payment_id)).one_or_none()
    if payment is None:
        raise NotFound
    now = standing(session, payment) if payment.state == "succeeded" else None
    covered = now.covered if now else {}
    rows = session.execute(
        select(Invoice, Claim.amount_cents, Claim.taken_back_cents)
        .join(Claim, Claim.invoice_id == Invoice.id)
        .where(Claim.payment_id == payment_id)
        .order_by(Invoice.id)
    ).all()
    return StaffPayment(
        payment=payment,
        state=_state(session, payment, sum(row[1] for row in rows), sum(row[2] for row in rows)),
        method=method_name(payment.method_brand, payment.method_last4),
        sources=tuple(
            Source(
                row.id,
                row.number,
                row.description or kind_name(row.kind),
                cents,
                covered.get(row.id, 0),
            )
            for row, cents, _ in rows
        ),
        now=now,
        refunds=refunds_of(session, payment_id),
        disputes=disputes_of(session, payment_id),
        programs=_programs(session, [row.program_id for row, *_ in rows if row.program_id]),
        credit_of=(now.owner, credit_name(session, now.owner)) if now and now.owner else None,
    )


def _state(session: Scoped, payment: Payment, amount_cents: int, back_cents: int) -> str:
    if payment.state != "succeeded" or not back_cents:
        return payment.state
    return shown_state(gone_back(session, [payment.id])[payment.id], amount_cents, back_cents)


def _programs(session: Scoped, ids: Sequence[int]) -> tuple[tuple[int, str], ...]:
    rows = session.execute(select(Program.id, Program.name).where(Program.id.in_(ids)).order_by(Program.id))
    return tuple((row.id, row.name) for row in rows)


def _seen(refund: Refund, payment: Payment) -> SeenRefund:
    return SeenRefund(
        reference=refund.reference,
        state=f"refund_{refund.state}",
        total_cents=refund.total_cents,
        made_at=refund.created_at,
        reason=reason_words(refund.reason),
        to=refunded_to(refund, payment.method_brand, payment.method_last4),
        note=refund.note,
        has_note=refund.state in {"pending", "requires_action", "succeeded", "failed"},
    )


def _dispute_state(row: Dispute) -> str:
    if row.kind == "bank":
        return "returned"
    if row.status in {"won", "lost"}:
        return f"dispute_{row.status}"
    if row.status == "warning_closed":
        return "inquiry_closed"
    return "inquiry" if row.status.startswith("warning") else "disputed"
