"""When banks settle, against the Federal Reserve's own calendars."""

from datetime import date

import pytest

from portal.reference.bank_days import bank_days_after, debit_expected_on, is_bank_day

HOLIDAYS_2026 = [(1, 1), (1, 19), (2, 16), (5, 25), (6, 19), (9, 7), (10, 12), (11, 11), (11, 26), (12, 25)]
"""Independence Day falls on a Saturday: banks are open the Friday before."""


@pytest.mark.parametrize(("month", "day"), HOLIDAYS_2026)
def test_banks_are_closed_on_a_holiday(month: int, day: int) -> None:
    assert not is_bank_day(date(2026, month, day))


def test_a_year_has_as_many_bank_days_as_the_calendar_says() -> None:
    days = [date.fromordinal(number) for number in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal())]
    assert sum(is_bank_day(day) for day in days) == 261 - len(HOLIDAYS_2026)


def test_a_holiday_on_a_sunday_is_kept_on_monday_and_on_a_saturday_not_at_all() -> None:
    assert not is_bank_day(date(2027, 7, 5))
    assert is_bank_day(date(2026, 7, 3))


def test_a_debit_sent_before_thanksgiving_takes_longer() -> None:
    assert bank_days_after(date(2026, 11, 25), 1) == date(2026, 11, 27)
    assert debit_expected_on(date(2026, 11, 20)) == date(2026, 11, 30)
    assert debit_expected_on(date(2026, 8, 3)) == date(2026, 8, 10)
