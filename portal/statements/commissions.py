"""The partner's commission on direct bill: a part of the premium, as the insured's money settles it. Pure.

The partner has earned its rate of the premium that is paid for and stands, of each policy. What a movement of money
brings is the difference to what it had before: so the parts of all payments add up to the commission of the whole, to
the cent, in whatever order they are worked, and what goes back takes its own part with it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.core.money import percent_of

MONEY = frozenset(
    {"charge", "credit_applied", "loan_bound", "refund", "refund_undone", "dispute_withdrawn", "dispute_reinstated"}
)
"""Entries of the books that pay for premium, or take back what had paid for it.

A loan pays at once, when it is bound; its installments pay the lender. What was written off, or paid before the agency
came to this portal, earns nothing here. A check pays when it has cleared, so that one that bounces was never counted.
"""
UNEARNED = frozenset({"premium_returned", "loan_canceled"})
"""Entries by which premium comes back unearned."""
AGAIN = frozenset({"loan_reinstated"})
"""Entries that undo one of those."""
KINDS = MONEY | UNEARNED | AGAIN


@dataclass(frozen=True, slots=True)
class Accrued:
    """What a policy has brought its partner so far, or what one movement adds, in cents.

    Args:
        premium_cents: premium that is paid for and stands.
        cents: the commission.
        kept_cents: commission on premium that came back, which the agency did not claw back.
    """

    premium_cents: int = 0
    cents: int = 0
    kept_cents: int = 0


def commission_on(premium_cents: int, rate: Decimal) -> int:
    """The commission on premium that is paid for; none on less than nothing.

    >>> commission_on(100_000, Decimal("0.125")), commission_on(-5, Decimal("0.1"))
    (12500, 0)
    """
    return percent_of(max(premium_cents, 0), rate)


def accrue(so_far: Accrued, moved_cents: int, rate: Decimal, kind: str, *, claws_back: bool) -> Accrued:
    """What one entry of the books adds.

    A third of $1,000.00 is paid, then the rest; at 10 % the parts are $33.33 and $66.67:

    >>> first = accrue(Accrued(), 333_33, Decimal("0.1"), "charge", claws_back=True)
    >>> first.cents, accrue(first, 666_67, Decimal("0.1"), "charge", claws_back=True).cents
    (3333, 6667)

    Args:
        so_far: of the policy, before.
        moved_cents: the premium that the entry pays for; negative for what it takes back.
        rate: of the policy, 0.1 is 10 %.
        kind: of the entry.
        claws_back: whether the agency takes commission back that premium which comes back had earned.
    """
    premium = so_far.premium_cents + moved_cents
    cents = commission_on(premium, rate) + so_far.kept_cents - so_far.cents
    kept = 0
    if kind in UNEARNED and cents < 0 and not claws_back:
        kept = -cents
    elif kind in AGAIN and cents > 0:
        kept = -min(cents, so_far.kept_cents)
    return Accrued(moved_cents, cents + kept, kept)


def payable_from(settled_on: date, settlement_days: int, cents: int) -> date:
    """From when on a commission is paid out; what is taken back counts at once.

    >>> payable_from(date(2026, 8, 1), 5, 100).isoformat(), payable_from(date(2026, 8, 1), 5, -100).isoformat()
    ('2026-08-06', '2026-08-01')
    """
    return settled_on + timedelta(days=settlement_days if cents > 0 else 0)
