"""What must hold between refunds, disputes, credit and books."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, ScalarSelect, String, and_, cast, exists, func, or_, select

from portal.core.invariants import Invariant
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import CUSTOMER_CREDIT, OWED, PROCESSOR_CLEARING, REFUNDS_PAYABLE, SUSPENSE
from portal.payments.models import Claim, Payment
from portal.payments.money_back.models import CreditEntry, DisputeMovement, Refund, RefundPart
from portal.payments.money_back.rules import UNFAILED
from portal.payments.money_back.standing import entries_of

_net = func.coalesce(func.sum(JournalLine.debit_cents - JournalLine.credit_cents), 0)


def _booked(accounts: Sequence[str], of: type, *where: ColumnElement[bool]) -> ScalarSelect[int]:
    """What entries of the books that fit did to accounts, in cents: positive for debit."""
    return (
        select(_net)
        .join(
            JournalEntry, (JournalEntry.id == JournalLine.entry_id) & (JournalEntry.agency_id == JournalLine.agency_id)
        )
        .where(JournalEntry.agency_id == of.agency_id, JournalLine.account.in_(accounts), *where)  # type: ignore[attr-defined]
        .correlate(of)
        .scalar_subquery()
    )


_refund_entry = and_(JournalEntry.kind == "refund", JournalEntry.ref == cast(Refund.id, String))
_promised = -_booked([REFUNDS_PAYABLE], Refund, _refund_entry)
_owed = -_booked(
    [REFUNDS_PAYABLE],
    Refund,
    or_(
        and_(
            JournalEntry.kind.in_(["refund", "refund_undone", "refund_failed", "refund_by_hand"]),
            JournalEntry.ref == cast(Refund.id, String),
        ),
        and_(
            JournalEntry.kind == "refund_moved",
            JournalEntry.ref.in_([Refund.transaction_id, Refund.failure_transaction_id]),
        ),
    ),
)
_parts = (
    select(func.coalesce(func.sum(RefundPart.amount_cents), 0))
    .where(RefundPart.agency_id == Refund.agency_id, RefundPart.refund_id == Refund.id)
    .correlate(Refund)
    .scalar_subquery()
)
_refunded = (
    select(func.coalesce(func.sum(Refund.total_cents), 0))
    .where(Refund.agency_id == Payment.agency_id, Refund.payment_id == Payment.id, Refund.state.in_(UNFAILED))
    .correlate(Payment)
    .scalar_subquery()
)
_pays = -_booked([*OWED, SUSPENSE], Claim, JournalLine.invoice_id == Claim.invoice_id, entries_of(Claim.payment_id))
_moved = _booked(
    [PROCESSOR_CLEARING],
    DisputeMovement,
    JournalEntry.kind.in_(["dispute_withdrawn", "dispute_reinstated"]),
    JournalEntry.ref == DisputeMovement.transaction_id,
)
_credited = -_booked(
    [CUSTOMER_CREDIT], CreditEntry, JournalEntry.kind == CreditEntry.kind, JournalEntry.ref == CreditEntry.ref
)

INVARIANTS = [
    Invariant(
        "refunds that have not failed are at most what was charged",
        select(Payment.id, Payment.charged_cents, _refunded).where(_refunded > Payment.charged_cents),
    ),
    Invariant(
        "a refund is in the books with what goes back, and its parts are what invoices give",
        select(Refund.id, Refund.total_cents, _promised, _parts).where(
            (_promised != Refund.total_cents) | (_parts != Refund.amount_cents)
        ),
    ),
    Invariant(
        "a refund that has come to its end is owed to nobody any more",
        select(Refund.id, Refund.state, _owed).where(Refund.state.in_(["succeeded", "failed", "canceled"]), _owed != 0),
    ),
    Invariant(
        "a refund that was sent is known to the processor",
        select(Refund.id, Refund.state).where(
            Refund.way == "processor", Refund.state.not_in(["requested", "canceled"]), Refund.refund_id.is_(None)
        ),
    ),
    Invariant(
        "what a claim still pays is what the books say after refunds and returns",
        select(Claim.id, Claim.amount_cents, Claim.taken_back_cents, _pays).where(
            Claim.state.in_(["consumed", "reversed"]), Claim.amount_cents - Claim.taken_back_cents != _pays
        ),
    ),
    Invariant(
        "nothing is taken back of a claim beyond its amount, and all of it of a reversed one",
        select(Claim.id, Claim.state, Claim.amount_cents, Claim.taken_back_cents).where(
            (Claim.taken_back_cents < 0)
            | (Claim.taken_back_cents > Claim.amount_cents)
            | ((Claim.state == "reversed") & (Claim.taken_back_cents != Claim.amount_cents))
        ),
    ),
    Invariant(
        "each movement of a dispute is in the books with what it did to the balance",
        select(DisputeMovement.id, DisputeMovement.transaction_id, _moved).where(
            _moved != DisputeMovement.amount_cents - DisputeMovement.fee_cents
        ),
    ),
    Invariant(
        "each entry of a dispute in the books is of one of its movements",
        select(JournalEntry.id, JournalEntry.ref).where(
            JournalEntry.kind.in_(["dispute_withdrawn", "dispute_reinstated"]),
            ~exists().where(
                DisputeMovement.agency_id == JournalEntry.agency_id,
                DisputeMovement.transaction_id == JournalEntry.ref,
            ),
        ),
    ),
    Invariant(
        "what an entry did to a customer's credit is what the books say",
        select(CreditEntry.id, CreditEntry.cents, _credited).where(CreditEntry.cents != _credited),
    ),
    Invariant(
        "whatever the books say of customers' credit is somebody's",
        select(JournalEntry.id, JournalEntry.kind, JournalEntry.ref)
        .join(
            JournalLine, (JournalLine.entry_id == JournalEntry.id) & (JournalLine.agency_id == JournalEntry.agency_id)
        )
        .where(
            JournalLine.account == CUSTOMER_CREDIT,
            ~exists().where(
                CreditEntry.agency_id == JournalEntry.agency_id,
                CreditEntry.kind == JournalEntry.kind,
                CreditEntry.ref == JournalEntry.ref,
            ),
        ),
    ),
]
