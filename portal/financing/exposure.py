"""Whether the unearned premium covers the loan on the day when cover could be ended for non-payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from portal.financing.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Cover:
    """What a policy gives back when it ends early.

    Args:
        premium_cents: of the whole term.
        minimum_earned_rate: what the carrier keeps in any case; 0.25 is 25 %.
    """

    premium_cents: int
    minimum_earned_rate: Decimal
    effective_date: date
    expiration_date: date

    def unearned_cents(self, on: date) -> int:
        """The premium that comes back on a day: by days of the term, at most what is not earned at once."""
        days = (self.expiration_date - self.effective_date).days
        left = min(max((self.expiration_date - on).days, 0), days)
        share = min(1 - self.minimum_earned_rate, Decimal(left) / days)
        return int((self.premium_cents * share).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Exposure:
    """The loan against its security if an installment is missed, and all after it."""

    missed: int
    cancel_on: date
    owed_cents: int
    unearned_cents: int

    @property
    def is_covered(self) -> bool:
        """The premium that comes back is enough."""
        return self.unearned_cents >= self.owed_cents


def covering_rate(rate: Decimal, found: Sequence[Exposure]) -> Decimal | None:
    """The least down payment, in whole percent, with which what would come back is enough for a loan.

    What is owed is a fixed part of the amount financed, whichever installment is missed: where it is k times what comes
    back, the amount financed has to shrink to one k-th of itself.

    Args:
        rate: the down payment that `found` was worked out with; 0.25 is 25 %.
        found: of every installment.

    Returns:
        `rate` itself where it is enough; None where nothing would come back.
    """
    if all(one.is_covered for one in found):
        return rate
    if any(one.unearned_cents <= 0 for one in found):
        return None
    excess = max(Decimal(one.owed_cents) / one.unearned_cents for one in found)
    return (1 - (1 - rate) / excess).quantize(Decimal("0.01"), rounding=ROUND_CEILING)


def exposures(schedule: Schedule, covers: Sequence[Cover], grace_days: int, notice_days: int) -> list[Exposure]:
    """For each installment: what is owed and what would come back, should it be the first that is missed.

    Args:
        covers: the policies of the program.
        grace_days: from the due date until the notice goes out.
        notice_days: from the notice until cover ends.
    """
    found = []
    owed = schedule.amount_financed_cents
    for one in schedule.installments:
        cancel_on = one.due_date + timedelta(days=grace_days + notice_days)
        unearned = sum(cover.unearned_cents(cancel_on) for cover in covers)
        found.append(Exposure(one.number, cancel_on, owed, unearned))
        owed = one.balance_cents
    return found
