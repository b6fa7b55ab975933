"""How a payment of which something went back is shown, in one word."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.payments.money_back.models import Dispute, Refund
from portal.payments.money_back.rules import UNSETTLED

TAKEN_BY_BANK = frozenset({"needs_response", "under_review", "lost"})
"""Card disputes with these have taken the money, whatever the bank decides later."""


@dataclass(slots=True)
class GoneBack:
    """What happened to the money of one payment.

    Args:
        refunds: (state, cents) of each, the oldest first.
        is_disputed: the card's bank has taken it.
    """

    refunds: list[tuple[str, int]] = field(default_factory=list)
    is_disputed: bool = False


def gone_back(session: Scoped, payment_ids: Sequence[int]) -> dict[int, GoneBack]:
    """The refunds and disputes of these payments, in two queries; none for none."""
    found = {payment_id: GoneBack() for payment_id in payment_ids}
    if not found:
        return found
    refunds = select(Refund.payment_id, Refund.state, Refund.total_cents).where(Refund.payment_id.in_(found))
    for payment_id, state, cents in session.execute(refunds.order_by(Refund.id)):
        found[payment_id].refunds.append((state, cents))
    disputes = select(Dispute.payment_id).where(
        Dispute.payment_id.in_(found), Dispute.kind == "card", Dispute.status.in_(TAKEN_BY_BANK)
    )
    for payment_id in session.scalars(disputes):
        found[payment_id].is_disputed = True
    return found


def shown_state(back: GoneBack, amount_cents: int, back_cents: int) -> str:
    """The word for a payment that had succeeded and gave something back.

    Args:
        back: what happened to its money.
        amount_cents: what it had paid on the invoices that are looked at.
        back_cents: what of that is taken off them again.

    >>> shown_state(GoneBack([("succeeded", 40_00)]), 100_00, 40_00)
    'partly_refunded'
    >>> shown_state(GoneBack([("failed", 100_00)]), 100_00, 100_00)
    'refund_came_back'
    """
    if back.is_disputed:
        return "disputed"
    made = [(state, cents) for state, cents in back.refunds if state != "canceled"]
    if any(state in UNSETTLED for state, _ in made):
        return "refund_under_way"
    if not made:
        return "credited" if back.refunds else "returned"
    if made[-1][0] == "failed":
        return "refund_came_back"
    out = sum(cents for state, cents in made if state == "succeeded")
    return "refunded" if min(out, back_cents) >= amount_cents else "partly_refunded"
