"""Days on which clocks are changed where the agency is: charged on the day, once, however often an hour comes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.factories.desk import Desk
from tests.payments.autopay.street import open_street
from tests.payments.methods.keeping import keep

DAY = timedelta(days=1)


def next_change(after: date, zone: str, hours: int) -> date:
    """The next day that has so many hours."""
    place, day = ZoneInfo(zone), after + 10 * DAY
    while length(day, place) != timedelta(hours=hours):
        day += DAY
    return day


def length(day: date, place: ZoneInfo) -> timedelta:
    begin, end = (datetime.combine(each, time(), place).astimezone(UTC) for each in (day, day + DAY))
    return end - begin


@pytest.mark.parametrize("hours", [23, 25])
def test_a_day_of_another_length_is_charged_once(desk: Desk, hours: int) -> None:
    zone = desk.till.zone
    day = next_change(desk.till.today(), zone, hours)
    street = open_street(desk, installments=1, first_in=(day - desk.till.today()).days)
    street.on(keep(desk))
    street.noon(day - 3 * DAY)
    street.run()
    street.noon(day - DAY, hour=23)
    assert street.run() == {}
    charged = []
    while desk.till.today() <= day:
        desk.wait(timedelta(minutes=30))
        charged += [(desk.till.today(), state) for state in street.run().values()]
    assert charged == [(day, "succeeded")]
    assert street.mails().count("autopay_notice") == 1
    desk.assert_sound()
