"""What of a payment can still go back: on invoices, of its card fee, of the customer's credit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, and_, cast, func, or_, select

from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import CONVENIENCE_FEE_INCOME
from portal.payments.models import Claim, Payment
from portal.payments.money_back.credit import CreditOwner, credit_balance, credit_of_payment, hold_credit, owner_of
from portal.payments.money_back.models import Dispute, DisputeMovement, Refund
from portal.payments.money_back.rules import DISPUTE_BLOCKS, UNFAILED


@dataclass(frozen=True, slots=True)
class Standing:
    """A payment that succeeded, as far as its money can go back.

    Args:
        covered: invoice id -> cents that it pays on it now, in the order of ids; void invoices left out.
        fee_cents: what is left of its card fee.
        own_credit_cents: what it brought as credit and is still there.
        credit_cents: all of the owner's credit: it too can go back by this payment.
        left_cents: charged, less what refunds and disputes have taken: never more goes back.
        owner: whose credit that is; None if nobody is known.
        is_blocked: a dispute keeps the processor from refunding.
    """

    covered: dict[int, int]
    fee_cents: int
    own_credit_cents: int
    credit_cents: int
    left_cents: int
    owner: CreditOwner | None
    is_blocked: bool

    @property
    def refundable_cents(self) -> int:
        """The most that can be refunded."""
        if self.is_blocked:
            return 0
        return max(0, min(self.left_cents, sum(self.covered.values()) + self.fee_cents + self.credit_cents))


def standing(session: Scoped, payment: Payment) -> Standing:
    """Read it from claims, refunds, disputes and books; for a decision, hold the payment's row (`take`)."""
    owner = owner_of(session, payment.id)
    statuses = set(session.scalars(select(Dispute.status).where(Dispute.payment_id == payment.id)))
    balance = max(0, credit_balance(session, owner)) if owner is not None else None
    own = max(0, credit_of_payment(session, payment.id))
    return Standing(
        covered=_covered(session, payment.id),
        fee_cents=_fee_left(session, payment.id),
        own_credit_cents=own if balance is None else min(own, balance),
        credit_cents=own if balance is None else balance,
        left_cents=payment.charged_cents - _refunded(session, payment.id) - _withdrawn(session, payment.id),
        owner=owner,
        is_blocked=bool(statuses & DISPUTE_BLOCKS),
    )


def standing_gone(session: Scoped, payment: Payment) -> Standing:
    """The same for money that has gone back already: nobody uses the credit of its owner before this unit ends."""
    hold_credit(session, owner_of(session, payment.id))
    return standing(session, payment)


def refunded_of(session: Scoped, payment_ids: Sequence[int]) -> dict[int, int]:
    """What went back of each of these payments or is on its way, in cents; those of which nothing did are left out."""
    if not payment_ids:
        return {}
    query = select(Refund.payment_id, func.sum(Refund.total_cents)).where(
        Refund.payment_id.in_(payment_ids), Refund.state.in_(UNFAILED)
    )
    return {row[0]: int(row[1]) for row in session.execute(query.group_by(Refund.payment_id))}


def take(session: Scoped, payment_id: int) -> Payment | None:
    """Hold a payment's row, so that of two refunds one comes after the other; None if there is none."""
    query = select(Payment).where(Payment.id == payment_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _covered(session: Scoped, payment_id: int) -> dict[int, int]:
    rows = session.execute(
        select(Claim.invoice_id, Claim.amount_cents - Claim.taken_back_cents)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(
            Claim.payment_id == payment_id,
            Claim.state == "consumed",
            Claim.amount_cents > Claim.taken_back_cents,
            Invoice.state != "void",
        )
        .order_by(Claim.invoice_id)
    )
    return {row[0]: row[1] for row in rows}


def entries_of(payment_id: Any) -> Any:
    """A condition on `JournalEntry`: what the books say about a payment, its refunds and disputes.

    Args:
        payment_id: the id, or the column of a claim.
    """
    refunds = select(cast(Refund.id, String)).where(Refund.payment_id == payment_id).correlate(Claim)
    movements = (
        select(DisputeMovement.transaction_id)
        .join(Dispute, and_(Dispute.id == DisputeMovement.dispute_id, Dispute.agency_id == DisputeMovement.agency_id))
        .where(Dispute.payment_id == payment_id)
        .correlate(Claim)
    )
    return or_(
        and_(
            JournalEntry.kind.in_(["charge", "check_cleared", "check_bounced"]),
            JournalEntry.ref == cast(payment_id, String),
        ),
        and_(JournalEntry.kind.in_(["refund", "refund_undone", "refund_failed"]), JournalEntry.ref.in_(refunds)),
        and_(JournalEntry.kind.in_(["dispute_withdrawn", "dispute_reinstated"]), JournalEntry.ref.in_(movements)),
    )


def _fee_left(session: Scoped, payment_id: int) -> int:
    query = (
        select(func.coalesce(func.sum(JournalLine.credit_cents - JournalLine.debit_cents), 0))
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(JournalLine.account == CONVENIENCE_FEE_INCOME, entries_of(payment_id))
    )
    return int(session.scalar(query) or 0)


def _refunded(session: Scoped, payment_id: int) -> int:
    query = select(func.coalesce(func.sum(Refund.total_cents), 0)).where(
        Refund.payment_id == payment_id, Refund.state.in_(UNFAILED)
    )
    return int(session.scalar(query) or 0)


def _withdrawn(session: Scoped, payment_id: int) -> int:
    query = (
        select(func.coalesce(-func.sum(DisputeMovement.amount_cents), 0))
        .join(Dispute, Dispute.id == DisputeMovement.dispute_id)
        .where(Dispute.payment_id == payment_id)
    )
    return int(session.scalar(query) or 0)
