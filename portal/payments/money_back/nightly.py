"""The nightly look at refunds and disputes: what no event brought, and what a restored backup has forgotten."""

from datetime import datetime, timedelta
from functools import partial

from portal.core.one_by_one import one_by_one
from portal.payments.money_back.disputes import apply_dispute
from portal.payments.money_back.found_refund import take_in_refund
from portal.payments.till import Till

REFUNDS = timedelta(days=30)
DISPUTES = timedelta(days=150)
"""So long after it was opened a dispute may still change; the networks decide within about 75 days."""


def look_again(till: Till, refunds_since: datetime | None = None) -> int:
    """Read every refund and dispute of late, and bring those that say something new into the books.

    Args:
        till: the agency's till; no unit may be open.
        refunds_since: from when on; by default the last thirty days.

    Returns:
        How many were read.

    Raises:
        GatewayError: the processor could not be asked; run it again.
        ExceptionGroup: some could not be brought into the books; all others are. Run it again.
    """
    now = till.now()
    refunds = list(till.gateway.refunds_since(refunds_since or now - REFUNDS))
    disputes = list(till.gateway.disputes_since(now - DISPUTES))
    works = [
        *(partial(take_in_refund, till, refund) for refund in refunds),
        *(partial(apply_dispute, till, dispute.id, dispute) for dispute in disputes),
    ]
    one_by_one(works)
    return len(works)
