"""The one place that asks what time it is. For the edges only: rules take times as arguments."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def local_date(moment: datetime, zone: str) -> date:
    """The calendar day of a moment where the agency is, `zone` an IANA name."""
    return moment.astimezone(ZoneInfo(zone)).date()
