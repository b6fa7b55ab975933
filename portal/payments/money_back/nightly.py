"""The nightly look at refunds and disputes: what no event brought, and what a restored backup has forgotten."""

from datetime import datetime, timedelta

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
    """
    now = till.now()
    refunds = list(till.gateway.refunds_since(refunds_since or now - REFUNDS))
    disputes = list(till.gateway.disputes_since(now - DISPUTES))
    for refund in refunds:
        take_in_refund(till, refund)
    for dispute in disputes:
        apply_dispute(till, dispute.id, dispute)
    return len(refunds) + len(disputes)
