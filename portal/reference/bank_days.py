"""The days on which banks settle: weekdays that are no holiday of the Federal Reserve. Pure.

Source: Federal Reserve Banks, Holiday Schedules (frbservices.org/about/holiday-schedules). A holiday on a Sunday is
kept on the Monday after it; on a Saturday the banks are open the Friday before.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
DEBIT_TAKES_FEWEST, DEBIT_TAKES_MOST = 3, 5
"""Bank days until a bank has answered a debit, as it usually goes."""


def is_bank_day(day: date) -> bool:
    """Whether banks settle on it.

    >>> is_bank_day(date(2026, 11, 26)), is_bank_day(date(2026, 11, 27)), is_bank_day(date(2026, 7, 3))
    (False, True, True)
    """
    return day.weekday() < SATURDAY and day not in _holidays(day.year)


def bank_days_after(day: date, number: int) -> date:
    """The day so many bank days after a day.

    >>> bank_days_after(date(2026, 11, 21), 5)  # a Saturday before Thanksgiving
    datetime.date(2026, 11, 30)
    """
    while number:
        day += timedelta(days=1)
        number -= is_bank_day(day)
    return day


def debit_expected_on(sent_on: date) -> date:
    """By when a bank has usually answered a debit.

    Args:
        sent_on: the day on which it was sent.
    """
    return bank_days_after(sent_on, DEBIT_TAKES_MOST)


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(day + timedelta(days=1) if day.weekday() == SUNDAY else day for day in _named(year))


def _named(year: int) -> Iterator[date]:
    yield date(year, 1, 1)
    yield _weekday(year, 1, MONDAY, 3)
    yield _weekday(year, 2, MONDAY, 3)
    yield _weekday(year, 6, MONDAY, 1) - timedelta(days=7)  # the last Monday of May
    yield date(year, 6, 19)
    yield date(year, 7, 4)
    yield _weekday(year, 9, MONDAY, 1)
    yield _weekday(year, 10, MONDAY, 2)
    yield date(year, 11, 11)
    yield _weekday(year, 11, THURSDAY, 4)
    yield date(year, 12, 25)


def _weekday(year: int, month: int, weekday: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
