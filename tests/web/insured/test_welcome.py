"""What a visitor sees who has not signed in."""

from typing import Any

import pytest
from flask import Flask, g

from portal.web.insured.welcome import welcome
from tests.factories.people import make_agency
from tests.web.visitor import engine_of


@pytest.mark.parametrize(("change", "ways"), [({}, 2), ({"guest_payments": False}, 1)])
def test_there_are_two_ways_in_unless_the_agency_takes_no_guests(app: Flask, change: dict[str, Any], ways: int) -> None:
    agency = make_agency(engine_of(app), **change)
    with app.test_request_context("/"):
        g.agency = agency
        page = welcome()
    assert [way in page for way in ('href="/sign-in"', 'href="/pay-a-policy"')] == [True, ways == 2]
    assert agency.phone in page
