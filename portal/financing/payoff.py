"""What it costs to end a loan early, and which part of the finance charge is given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from portal.core.money import allocate
from portal.financing.schedule import Installment, Schedule

Method = Literal["actuarial", "rule_of_78"]
LEAST_LEFT_CENTS = 50
"""Less than this the processor does not charge."""


@dataclass(frozen=True, slots=True)
class Payoff:
    """Ending a loan on a day.

    Args:
        open_cents: the installments that are not paid, as they stand in the agreement (L).
        saved_cents: interest that does not come to be owed (R).
    """

    open_cents: int
    saved_cents: int

    @property
    def payoff_cents(self) -> int:
        """What ends the loan."""
        return self.open_cents - self.saved_cents


def payoff(schedule: Schedule, first_day: date, paid: int, on: date, method: Method = "actuarial") -> Payoff:
    """What ends a loan whose first installments are paid; see `savings` and `rebates`.

    Args:
        paid: how many installments are paid, from the first on.

    Returns:
        What is open and what is saved; once all is paid, nothing.
    """
    open_cents = [0 if one.number <= paid else one.payment_cents for one in schedule.installments]
    saved = savings(schedule.installments, first_day, on, method)
    return Payoff(sum(open_cents), sum(rebates(saved, open_cents)))


def rebates(saved: Sequence[int], open_cents: Sequence[int]) -> list[int]:
    """What need not be paid of each installment: its own interest that is saved, and that of installments paid ahead.

    Whoever has paid an installment ahead has paid interest that a payoff leaves unearned (12 CFR 1026, Appendix J: the
    actuarial method counts interest on what is owed, for as long as it is owed). It comes off the open ones, from the
    last one on; of none so much that the rest could not be charged.

    Args:
        saved: by installment, as `savings` gives it.
        open_cents: by installment, what is still open on it.

    >>> rebates([0, 20_00, 10_00], [0, 0, 500_00])
    [0, 0, 3000]
    """
    found = [min(interest, cents) for interest, cents in zip(saved, open_cents, strict=True)]
    left = sum(saved) - sum(found)
    for place in reversed(range(len(found))):
        more = min(left, max(open_cents[place] - found[place] - LEAST_LEFT_CENTS, 0))
        found[place] += more
        left -= more
    return found


def savings(installments: Sequence[Installment], first_day: date, on: date, method: Method) -> list[int]:
    """The interest of each installment that does not come to be owed when the loan ends on a day.

    Actuarial: interest counts up to the day, by days within a period; periods that have not begun cost nothing.
    Rule of 78: of n installments, each period bears its place in n + … + 1; a period that has begun counts as whole.

    Args:
        installments: all of the loan, as agreed.
        first_day: on which the loan began.
        on: the day; earlier than `first_day` counts as that.
        method: actuarial, unless a state allows the other and the agency chose it.
    """
    days = [first_day, *(one.due_date for one in installments)]
    if method == "actuarial":
        return [_unearned(one, days[one.number - 1], on) for one in installments]
    count = len(installments)
    remaining = sum(1 for day in days[:-1] if day >= on)
    unearned = rule_of_78(sum(one.interest_cents for one in installments), count, remaining)
    return allocate(unearned, [0] * (count - remaining) + list(range(remaining, 0, -1)))


def rule_of_78(charge_cents: int, periods: int, remaining: int) -> int:
    """The part of a finance charge that is unearned by the sum of the digits, half a cent up.

    >>> rule_of_78(5700_00, 60, 36)
    207443
    """
    share = Decimal(remaining * (remaining + 1)) / (periods * (periods + 1))
    return int((charge_cents * share).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def earned_through(installments: Sequence[Installment], on: date) -> int:
    """The interest of all periods that are over by a day."""
    return sum(one.interest_cents for one in installments if one.due_date <= on)


def _unearned(one: Installment, begins: date, on: date) -> int:
    """What of a period's interest is not owed yet on a day; a part of a cent is the lender's."""
    days = (one.due_date - begins).days
    left = min(max((one.due_date - on).days, 0), days)
    return one.interest_cents * left // days
