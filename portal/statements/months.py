"""What a statement is made of: its month, in which of its columns a movement stands, how old what is open is. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Column = Literal["invoice", "payment", "credit"]
PAYMENTS = frozenset(
    {
        "charge",
        "check_bounced",
        "refund",
        "refund_undone",
        "refund_failed",
        "dispute_withdrawn",
        "dispute_reinstated",
        "credit_paid_out",
    }
)
"""Entries of the books by which money comes from a partner, or goes back to it. All but bills are credits else."""
AGES = (0, 30, 60, 90)
"""Days past due at which what is open becomes older: not due, to 30, to 60, to 90, older."""


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month at an agency, as moments: from `from_at` until before `until_at`."""

    first: date
    from_at: datetime
    until_at: datetime

    @property
    def last(self) -> date:
        """Its last day."""
        return next_month(self.first) - timedelta(days=1)


def month_of(first: date, zone: str) -> Month:
    """The month that begins on a day.

    Args:
        zone: the agency's time zone.
    """

    def begins(day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)

    return Month(first, begins(first), begins(next_month(first)))


def next_month(first: date) -> date:
    """The first day of the month after.

    >>> next_month(date(2026, 12, 1))
    datetime.date(2027, 1, 1)
    """
    return (first + timedelta(days=31)).replace(day=1)


def month_before(day: date) -> date:
    """The first day of the month before a day's.

    >>> month_before(date(2026, 1, 15))
    datetime.date(2025, 12, 1)
    """
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def column_of(kind: str) -> Column:
    """Where a movement of what is owed stands.

    >>> column_of("invoice_issued"), column_of("check_bounced"), column_of("premium_returned")
    ('invoice', 'payment', 'credit')
    """
    if kind == "invoice_issued":
        return "invoice"
    return "payment" if kind in PAYMENTS else "credit"


def aged(open_cents: Iterable[tuple[date, int]], day: date) -> list[int]:
    """What is open by its age: not due, to 30, to 60, to 90 days past due, older; in cents.

    >>> aged([(date(2026, 8, 1), 100), (date(2026, 7, 1), 50), (date(2026, 3, 1), 5)], date(2026, 7, 31))
    [100, 50, 0, 0, 5]

    Args:
        open_cents: due dates with what is open.
        day: the last of the month.
    """
    found = [0] * (len(AGES) + 1)
    for due, cents in open_cents:
        late = (day - due).days
        found[sum(late > age for age in AGES)] += cents
    return found
