"""The one place that asks what time it is. For the edges only: rules take times as arguments."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
"""Beyond these days nothing is kept; near the ends of the calendar a moment cannot be told in another zone."""


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def local_date(moment: datetime, zone: str) -> date:
    """The calendar day of a moment where the agency is, `zone` an IANA name."""
    return moment.astimezone(ZoneInfo(zone)).date()


def day_begins(day: date, zone: str) -> datetime:
    """The moment when a day begins where the agency is; a day beyond all that is kept counts as the nearest one.

    >>> day_begins(date(2026, 7, 15), "America/New_York").astimezone(UTC).isoformat()
    '2026-07-15T04:00:00+00:00'
    """
    return datetime.combine(min(max(day, EARLIEST), LATEST), time(), ZoneInfo(zone))


def day_ends(day: date, zone: str) -> datetime:
    """The moment when the day after it begins."""
    return day_begins(min(day, LATEST) + timedelta(days=1), zone)
