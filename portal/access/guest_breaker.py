"""The agency's breaker: when the guest's look-up is being guessed at, a policy number and a ZIP are not enough.

Misses and finds are counted by the hour. With the breaker open a look-up also needs the PIN printed on the
invoice, or goes by mail to the insured. It closes after a day without too many misses. What guessing can
find stays bounded: at 50 ZIPs, 60 misses find 1.2 policies on average, and 100 a day find two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import UniqueConstraint, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped, Tenant, tenant_table

MISSES_AN_HOUR = 60
TIMES_THE_MEDIAN = 3
MISSES_A_DAY = 100
MISSES_A_FIND = 3
DAY = 24
WEEK = 7 * DAY


class GuestHour(Tenant, Base):
    """One hour of look-ups at an agency: how many missed, and how many programs were newly found."""

    __tablename__ = "guest_hour"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "hour"))

    hour: Mapped[datetime]
    misses: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True, slots=True)
class Counted:
    """The look-ups of one hour."""

    misses: int = 0
    found: int = 0


def is_open(hours: Sequence[Counted]) -> bool:
    """Whether the breaker is open. Pure.

    An hour is too much above 60 misses and above three times the median of the week before it; a day above
    100 misses and above three for each program found. The median counts no hour for more than 60, so that
    an attack does not make room for the next one.

    Args:
        hours: the present hour first, then back without gaps, eight days at the most.
    """
    day = hours[:DAY]
    misses, found = sum(hour.misses for hour in day), sum(hour.found for hour in day)
    if misses > max(MISSES_A_DAY, MISSES_A_FIND * found):
        return True
    return any(
        hour.misses > MISSES_AN_HOUR and hour.misses > _most(hours[back + 1 : back + 1 + WEEK])
        for back, hour in enumerate(day)
    )


def count_miss(session: Scoped, at: datetime) -> bool:
    """Count a look-up as a miss, before anything is looked at.

    Args:
        session: a write unit of its own.

    Returns:
        Whether the breaker is open, this look-up included.
    """
    hour = _hour(at)
    if not _add(session, hour, misses=1):
        try:
            with session.begin_nested():
                session.execute(insert(GuestHour), [{"hour": hour, "misses": 1, "found": 0}])
        except IntegrityError:  # another process was first
            _add(session, hour, misses=1)
    opened = breaker_is_open(session, at)
    if opened:
        open_task(session, "guest.breaker", f"{at:%Y-%m-%d}", at)
    return opened


def count_find(session: Scoped, at: datetime, newly_found: int) -> None:
    """The look-up that was counted as a miss has found something.

    Args:
        newly_found: programs that nobody had found in the last 24 hours.
    """
    _add(session, _hour(at), misses=-1, found=newly_found)


def breaker_is_open(session: Scoped, at: datetime) -> bool:
    """Whether a look-up now needs more than a policy number and a ZIP."""
    return is_open(_past(session, at))


def last_day(session: Scoped, at: datetime) -> Counted:
    """The look-ups of the last 24 hours."""
    day = _past(session, at)[:DAY]
    return Counted(sum(hour.misses for hour in day), sum(hour.found for hour in day))


def _past(session: Scoped, at: datetime) -> list[Counted]:
    now = _hour(at)
    rows = session.execute(
        select(GuestHour.hour, GuestHour.misses, GuestHour.found).where(
            GuestHour.hour > now - timedelta(hours=DAY + WEEK), GuestHour.hour <= now
        )
    )
    known = {hour: Counted(misses, found) for hour, misses, found in rows}
    return [known.get(now - timedelta(hours=back), Counted()) for back in range(DAY + WEEK)]


def _most(week: Sequence[Counted]) -> float:
    usual = median(min(hour.misses, MISSES_AN_HOUR) for hour in week) if week else 0
    return max(MISSES_AN_HOUR, TIMES_THE_MEDIAN * usual)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _add(session: Scoped, hour: datetime, misses: int, found: int = 0) -> bool:
    step = update(GuestHour).where(GuestHour.hour == hour)
    step = step.values(misses=GuestHour.misses + misses, found=GuestHour.found + found)
    return bool(session.execute(step.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
