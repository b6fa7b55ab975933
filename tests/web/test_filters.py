"""Values as people read them."""

from datetime import UTC, date, datetime

import pytest
from flask import g

from portal.core.money import format_money
from portal.core.text import text
from portal.web.filters import say, say_date, say_datetime, say_relative_day
from tests.web.pages import agency_of, make_pages_app

TODAY = date(2026, 7, 10)


@pytest.mark.parametrize(("locale", "words"), [("en_US", "Aug 1, 2026"), ("es_US", "1 ago 2026")])
def test_days_in_the_readers_language(locale: str, words: str) -> None:
    with make_pages_app(locale=locale).test_request_context("/"):
        assert say_date(date(2026, 8, 1)) == words


def test_a_moment_is_told_by_the_agencys_clock() -> None:
    moment = datetime(2026, 8, 1, 2, 5, tzinfo=UTC)
    with make_pages_app().test_request_context("/"):
        g.agency = agency_of("harborline")
        assert say_datetime(moment) == "Jul 31, 2026, 10:05 PM EDT"
        assert say_date(moment) == "Jul 31, 2026"
        g.agency = agency_of("harborline", time_zone="America/Los_Angeles")
        assert say_datetime(moment) == "Jul 31, 2026, 7:05 PM PDT"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 8, 1), "in 22 days"),
        (date(2026, 7, 12), "in 2 days"),
        (date(2026, 7, 11), "tomorrow"),
        (TODAY, "today"),
        (date(2026, 7, 9), "yesterday"),
        (date(2026, 7, 7), "3 days ago"),
    ],
)
def test_how_far_a_day_is(day: date, words: str) -> None:
    with make_pages_app().test_request_context("/"):
        assert say_relative_day(day, TODAY) == words


def test_texts_are_translated_with_the_days_and_texts_in_them() -> None:
    message = text("Pay %(amount)s by %(day)s. %(why)s", amount=format_money(41250), day=TODAY, why=text("It is due."))
    with make_pages_app(locale="es_US").test_request_context("/"):
        assert say(message) == "Pay $412.50 by 10 jul 2026. It is due."
        assert say("as it stands") == "as it stands"
