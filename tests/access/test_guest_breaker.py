"""The agency's breaker: when guessing opens it, when it closes, and that honest traffic does not."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.access.guest_breaker import Counted, breaker_is_open, count_find, count_miss, is_open
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import reading, writing
from tests.factories.people import make_agency

QUIET = [Counted()] * (8 * 24)
NOW = datetime(2026, 7, 1, 15, 20, tzinfo=UTC)


def hours(*newest_first: Counted) -> list[Counted]:
    return [*newest_first, *QUIET][: 8 * 24]


@pytest.mark.parametrize(
    ("past", "opened"),
    [
        (hours(Counted(60)), False),
        (hours(Counted(61)), True),
        (hours(*[Counted()] * 23, Counted(61)), True),
        (hours(*[Counted()] * 24, Counted(61)), False),
        (hours(*[Counted(4)] * 24), False),
        (hours(*[Counted(5)] * 24), True),
        (hours(*[Counted(5, 2)] * 24), False),
        (hours(*[Counted(25, 30)] * 192), False),
        (hours(Counted(70, 90), *[Counted(25, 30)] * 191), False),
        (hours(Counted(76, 90), *[Counted(25, 30)] * 191), True),
        (hours(Counted(181, 2_000), *[Counted(900, 2_000)] * 191), True),
    ],
    ids=[
        "sixty in an hour",
        "one more",
        "within the day",
        "a day ago",
        "ninety-six a day",
        "a slow attack",
        "a busy agency",
        "a large agency",
        "its worse hour",
        "its attack",
        "an attack of a week makes no room",
    ],
)
def test_when_it_opens(past, opened):
    assert is_open(past) is opened


def test_it_opens_at_the_sixty_first_miss_and_asks_staff_once(engine):
    harbor = make_agency(engine)
    for number in range(61):
        with writing(engine, harbor.id) as session:
            assert count_miss(session, NOW) is (number == 60)
    with writing(engine, harbor.id) as session:
        assert count_miss(session, NOW + timedelta(hours=2))
        assert session.scalars(select(StaffTask.kind)).all() == ["guest.breaker"]
    with reading(engine, harbor.id) as session:
        assert breaker_is_open(session, NOW + timedelta(hours=23))
        assert not breaker_is_open(session, NOW + timedelta(hours=27))


def test_what_finds_something_is_no_miss(engine):
    harbor = make_agency(engine)
    for _ in range(80):
        with writing(engine, harbor.id) as session:
            assert not count_miss(session, NOW)
            count_find(session, NOW, newly_found=1)
    with reading(engine, harbor.id) as session:
        assert not breaker_is_open(session, NOW)


def test_one_agency_under_attack_leaves_the_others_alone(engine):
    harbor, juniper = make_agency(engine), make_agency(engine, "juniper")
    for _ in range(61):
        with writing(engine, harbor.id) as session:
            count_miss(session, NOW)
    with reading(engine, juniper.id) as session:
        assert not breaker_is_open(session, NOW)
