"""What stands in an address goes into the addresses of a page only where it is a filter of that page.

`url_for` takes some names as orders: with `_scheme` and `_external` the button below a list would lead elsewhere.
"""

import re
from html import unescape

import pytest
from flask import Flask

from tests.web.security.addresses import addresses
from tests.web.security.conftest import Callers
from tests.web.security.holdings import World

pytestmark = pytest.mark.timeout(600)
LEADS = re.compile(r'(?:href|action|formaction|hx-get|hx-post)="([^"]+)"')
ORDERS = [
    {"_external": "1", "_scheme": "https://elsewhere.example/?"},
    {"_external": "1", "_scheme": "javascript", "x": "\nalert(1)"},
    {"_scheme": "https"},
    {"_method": "POST", "_anchor": "elsewhere.example"},
    {"endpoint": "insured.home", "self": "x", "values": "x", "report_key": "x", "partner_id": "1", "filename": "x"},
]
WITH_MORE = {"first": "2020-01-01", "last": "2030-01-01", "show": "all"}
LARGE = "9223372036854775808"
PLACES = ("before", "partner", "invoice", "other", "payment", "program", "payoff", "checkout", "method", "insured")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_writes_a_pages_links_by_its_address(app: Flask, world: World, callers: Callers) -> None:
    wrong: list[str] = []
    for address in addresses(app):
        if address.method == "GET" and not str(address.rule).endswith((".pdf", ".csv")):
            visitor, path = callers[address.access], address.path(world.ana)
            for orders in ORDERS:
                answer = visitor.get(path, query_string=WITH_MORE | orders)
                if answer.status_code >= 500:
                    wrong.append(f"{address} with {orders}: {answer.status}")
                if answer.mimetype == "text/html":
                    leads = [unescape(place) for place in LEADS.findall(answer.text)]
                    wrong += [
                        f"{address}: {place}"
                        for place in leads
                        if place.startswith(("javascript:", "https://elsewhere")) or "#elsewhere" in place
                    ]
    assert wrong == []


def test_numbers_and_days_that_nothing_has_are_no_place_in_a_list(app: Flask, world: World, callers: Callers) -> None:
    """Each database trips over some of them, and the calendar over its ends."""
    wrong: list[str] = []
    queries = [dict.fromkeys(PLACES, number) for number in (LARGE, "-9223372036854775809", "²")]
    queries += [{"after": f"2026-01-01.{number}"} for number in (LARGE, "9" * 5_000)]
    queries += [{"after": f"{LARGE}.2026-01-01", "order": "earliest", "before": LARGE, **WITH_MORE}]
    queries += [{"first": day, "last": day, "day": day, "after": f"{day}.1"} for day in ("0001-01-01", "9999-12-31")]
    for address in addresses(app):
        if address.method == "GET" and not str(address.rule).endswith(".pdf"):
            visitor, path = callers[address.access], address.path(world.ana)
            for query in queries:
                answer = visitor.get(path, query_string=query)
                if answer.status_code >= 500 and answer.status_code != 503:
                    wrong.append(f"{address} with {str(query)[:60]}: {answer.status}")
    assert wrong == []
