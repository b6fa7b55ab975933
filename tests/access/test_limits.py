"""Limits on tries."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from portal.access.limits import Counted, Limit, counted, missed_nothing, network_of, start_tries
from portal.access.models import Try
from portal.core.errors import TooMany
from portal.core.tenancy import reading, writing
from tests.factories.people import make_agency

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
THREE_AN_HOUR = Limit("test", 3, timedelta(hours=1))


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_a_network_is_an_ipv4_address_or_an_ipv6_64(ip: str, network: str) -> None:
    assert network_of(ip) == network


def test_subjects_are_keyed_digests_of_their_own_kind() -> None:
    one = counted(b"key", THREE_AN_HOUR, "ana@bakery.example")
    assert "ana" not in one.subject
    assert one != counted(b"other", THREE_AN_HOUR, "ana@bakery.example")
    assert one.subject != counted(b"key", Limit("else", 3, timedelta(hours=1)), "ana@bakery.example").subject


def test_the_fourth_miss_within_the_hour_is_refused_and_refusals_do_not_prolong_it(engine: Engine) -> None:
    agency = make_agency(engine)
    subjects = [Counted(THREE_AN_HOUR, "a")]

    def try_at(moment: datetime) -> list[int]:
        return start_tries(lambda: writing(engine, agency.id), subjects, moment)

    for minute in (0, 10, 20):
        try_at(AT + timedelta(minutes=minute))
    for minute in (21, 40, 59):
        with pytest.raises(TooMany):
            try_at(AT + timedelta(minutes=minute))
    try_at(AT + timedelta(minutes=60))
    with pytest.raises(TooMany):
        try_at(AT + timedelta(minutes=61))
    start_tries(lambda: writing(engine, agency.id), [Counted(THREE_AN_HOUR, "b")], AT)


def test_hits_do_not_count(engine: Engine) -> None:
    agency = make_agency(engine)
    for _ in range(10):
        tries = start_tries(lambda: writing(engine, agency.id), [Counted(THREE_AN_HOUR, "a")], AT)
        with writing(engine, agency.id) as session:
            missed_nothing(session, tries)


def test_agencies_count_for_themselves(engine: Engine) -> None:
    one, two = make_agency(engine, "one"), make_agency(engine, "two")
    for agency in (one, one, one, two, two, two):
        start_tries(lambda agency=agency: writing(engine, agency.id), [Counted(THREE_AN_HOUR, "a")], AT)
    with pytest.raises(TooMany):
        start_tries(lambda: writing(engine, one.id), [Counted(THREE_AN_HOUR, "a")], AT)


def test_tries_side_by_side_do_not_slip_through(engine: Engine) -> None:
    agency = make_agency(engine)

    def one_try(_number: int) -> bool:
        try:
            start_tries(lambda: writing(engine, agency.id), [Counted(THREE_AN_HOUR, "a")], AT)
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        let_through = sum(pool.map(one_try, range(24)))
    assert let_through <= 3
    with reading(engine, agency.id) as session:
        assert len(session.scalars(select(Try)).all()) == let_through
