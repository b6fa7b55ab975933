"""One amount paid in several one-time payments, without financing: nothing is added, and nothing is lost. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from portal.core.errors import BadInput
from portal.core.money import split_level
from portal.core.text import Text, text
from portal.financing.schedule import add_months
from portal.invoices.issue import LineDraft

Every = Literal["week", "two_weeks", "month", "quarter"]
EVERY: dict[Every, Text] = {
    "week": text("Every week"),
    "two_weeks": text("Every two weeks"),
    "month": text("Every month"),
    "quarter": text("Every three months"),
}
MOST_PAYMENTS = 24
LEAST_CENTS = 1_00
"""Of each of several payments."""
LONGEST = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the payments."""

    due_date: date
    lines: tuple[LineDraft, ...]

    @property
    def cents(self) -> int:
        """What it comes to."""
        return sum(line.amount_cents for line in self.lines)


def schedule(lines: Sequence[LineDraft], first_due: date, payments: int, every: Every, today: date) -> tuple[Part, ...]:
    """Level payments that add up to the lines, each line over all of them.

    Args:
        lines: none negative; their commission is nothing.
        first_due: when the first is due; on the same day of later months, or the last of shorter ones.
        today: the day at the agency.

    Raises:
        BadInput: too many payments or too few cents in each, or a day in the past or too far away.
    """
    if not 1 <= payments <= MOST_PAYMENTS:
        raise BadInput(text("Between 1 and %(most)s payments, please.", most=MOST_PAYMENTS))
    if sum(line.amount_cents for line in lines) < payments * LEAST_CENTS:
        raise BadInput(text("Each payment has to be a dollar at least."))
    days = [_due(first_due, number, every) for number in range(payments)]
    if days[0] < today:
        raise BadInput(text("The due date is over. Choose today or a later day."))
    if days[-1] > today + LONGEST:
        raise BadInput(text("The last payment would be due more than three years from now."))
    shares = split_level([line.amount_cents for line in lines], payments)
    return tuple(
        Part(day, tuple(replace(line, amount_cents=cents) for line, cents in zip(lines, share, strict=True) if cents))
        for day, share in zip(days, shares, strict=True)
    )


def _due(first: date, number: int, every: Every) -> date:
    match every:
        case "week":
            return first + timedelta(weeks=number)
        case "two_weeks":
            return first + timedelta(weeks=2 * number)
        case "month":
            return add_months(first, number)
        case "quarter":
            return add_months(first, 3 * number)
