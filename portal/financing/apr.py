"""The annual percentage rate by the actuarial method of Regulation Z (12 CFR 1026, Appendix J)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import accumulate, repeat
from operator import mul

DIGITS = 28
SMALLEST_STEP = Decimal("1e-16")
MOST_STEPS = 500


@dataclass(frozen=True, slots=True)
class Repayment:
    """An amount that is paid back.

    Args:
        amount_cents: how much.
        periods: full unit-periods from the advance until it is paid (t of Appendix J).
        fraction: of one unit-period beside them, from 0 to below 1 (f).
    """

    amount_cents: int
    periods: int
    fraction: Fraction = Fraction(0)


def annual_rate(financed_cents: int, repayments: Sequence[Repayment], periods_per_year: int) -> Decimal:
    """Solve the general equation, A = Σ P / ((1 + f·i)(1 + i)^t), for i; i times the periods of a year is the APR.

    Args:
        financed_cents: the amount financed, advanced at once.
        repayments: all of them, in order; together at least what was financed.
        periods_per_year: unit-periods in a year: 12 for months, 4 for quarters, 2 for half years.

    Returns:
        The rate as a fraction, unrounded: 0.129 is 12.9 %.

    Raises:
        ValueError: nothing was financed, or less comes back.
    """
    total = sum(payment.amount_cents for payment in repayments)
    if financed_cents <= 0 or total < financed_cents:
        raise ValueError("an amount financed has to be positive, and paid back whole")
    with localcontext() as context:
        context.prec = DIGITS
        # Newton's method: the value falls and is convex, so that from 0 each step stays below the answer.
        rate = Decimal(0)
        for _ in range(MOST_STEPS):
            value, slope = _present_value(repayments, rate)
            step = (financed_cents - value) / slope
            rate += step
            if step < SMALLEST_STEP:
                return rate * periods_per_year
    raise ValueError("these figures have no rate")


def percent(rate: Decimal) -> Decimal:
    """A rate as it is disclosed: in percent, to two decimals, half up (12 CFR 1026.22(a), footnote 45: at least 1/8).

    >>> percent(Decimal("0.128951"))
    Decimal('12.90')
    """
    return (rate * 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _present_value(repayments: Sequence[Repayment], rate: Decimal) -> tuple[Decimal, Decimal]:
    """What the repayments are worth at the start, and how that changes with the rate."""
    value = slope = Decimal(0)
    growth = 1 + rate
    powers = list(accumulate(repeat(growth, repayments[-1].periods), mul, initial=Decimal(1)))
    for payment in repayments:
        fraction = Decimal(payment.fraction.numerator) / payment.fraction.denominator
        part = 1 + rate * fraction
        worth = payment.amount_cents / (part * powers[payment.periods])
        value += worth
        slope -= worth * (payment.periods / growth + fraction / part)
    return value, slope
