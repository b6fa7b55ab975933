"""Forms of other sites: every route that writes refuses them, and no route that only reads writes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from werkzeug.test import TestResponse

from portal.agencies.models import Agency
from portal.core.db import Base
from tests.web.security.addresses import Address, addresses
from tests.web.security.conftest import Callers
from tests.web.security.holdings import World
from tests.web.visitor import TOKEN, Visitor, engine_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BY_SIGNATURE = {"webhooks.processor", "policy_webhooks.bindhq"}
"""Routes whose caller has no cookie and signs what it sends: the only ones without a token."""
WITHOUT_COOKIE = {"csp.report"}
"""Routes that look at no cookie and store nothing."""
_tokens: WeakKeyDictionary[Visitor, str] = WeakKeyDictionary()
FOREIGN = {
    "another site": {"Origin": "https://evil.example"},
    "an unnamed site": {"Origin": "null"},
    "this host, another port": {"Origin": "http://localhost:8001"},
    "a host that begins like ours": {"Origin": "http://localhost.evil.example"},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour's host": {"Sec-Fetch-Site": "same-site"},
}


def writing_addresses(app: Flask) -> Iterator[Address]:
    return (
        address
        for address in addresses(app)
        if address.method != "GET" and address.endpoint not in BY_SIGNATURE | WITHOUT_COOKIE
    )


def everything(engine: Engine, agency_id: int | None = None) -> dict[str, list[Any]]:
    """All rows of all tables, or of one agency; row-level security is asked for each agency in turn."""
    with engine.connect() as connection:
        known = connection.scalars(select(Agency.id)).all() if agency_id is None else [agency_id]
        found: dict[str, list[Any]] = {table.name: [] for table in Base.metadata.sorted_tables}
        for owner in known:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.set_config("app.agency_id", str(owner), True)))
            for table in Base.metadata.sorted_tables:
                of_agency = table.columns.id if table is Agency.__table__ else table.columns.get("agency_id")
                if of_agency is not None:
                    asked = select(table).where(of_agency == owner)
                    found[table.name] += sorted(map(repr, connection.execute(asked)))
                elif agency_id is None and owner == known[0]:
                    found[table.name] += sorted(map(repr, connection.execute(select(table))))
        return found


def token_of(visitor: Visitor) -> str:
    """The token for a browser's forms; the same until it signs in or out."""
    if visitor not in _tokens:
        found = TOKEN.search(visitor.get("/signed-out").text)
        assert found
        _tokens[visitor] = found[1]
    return _tokens[visitor]


def send(visitor: Visitor, path: str, fields: Mapping[str, str]) -> TestResponse:
    """Send a form with this browser's token, which is another one once it has signed in or out."""
    answer = visitor.send(path, csrf_token=token_of(visitor), **fields)
    if answer.status_code == 403 and "This page is out of date" in answer.text:
        del _tokens[visitor]
        answer = visitor.send(path, csrf_token=token_of(visitor), **fields)
    return answer


def test_a_form_without_its_token_is_refused_and_changes_nothing(
    app: Flask, world: World, callers: Callers, stranger: Visitor
) -> None:
    tokens = {"none": None, "empty": "", "invented": "abc", "another browser's": token_of(stranger)}
    before = everything(engine_of(app))
    for address in writing_addresses(app):
        path, visitor = address.path(world.ana), callers[address.access]
        for name, token in tokens.items():
            answer = visitor.send(path, **({} if token is None else {"csrf_token": token}))
            assert answer.status_code == 403, f"{address} took a form with the token: {name}"
        in_address = visitor.send(f"{path}?csrf_token={token_of(visitor)}")
        assert in_address.status_code == 403, f"{address} took it from the address"
    assert everything(engine_of(app)) == before


def test_a_form_from_elsewhere_is_refused_even_with_its_token(app: Flask, world: World, callers: Callers) -> None:
    before = everything(engine_of(app))
    for address in writing_addresses(app):
        visitor = callers[address.access]
        token = token_of(visitor)
        for name, headers in FOREIGN.items():
            answer = visitor.send(address.path(world.ana), headers, csrf_token=token)
            assert answer.status_code == 403, f"{address} took a form from {name}"
            assert "Set-Cookie" not in answer.headers, f"{address} answered {name} with a cookie"
    assert everything(engine_of(app)) == before


def test_the_same_forms_from_here_are_read(app: Flask, world: World, callers: Callers) -> None:
    """Else the tests above would prove nothing."""
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    for address in writing_addresses(app):
        visitor = callers[address.access]
        if address.access == "public":  # it may end the visit
            visitor = Visitor(app, world.harbor, "198.51.100.4")
        answer = visitor.send(address.path(world.ana), own, csrf_token=token_of(visitor))
        assert answer.status_code != 403, address


def test_routes_without_a_token_are_named_here(app: Flask) -> None:
    without = {address.endpoint for address in addresses(app) if address.access == "processor"}
    assert without == BY_SIGNATURE


def test_a_webhook_without_a_signature_is_refused(app: Flask, world: World, stranger: Visitor) -> None:
    before = everything(engine_of(app))
    for headers in ({}, {"Stripe-Signature": "t=1,v1=00"}, {"Stripe-Signature": "nonsense"}):
        assert stranger.send("/webhooks/processor", headers).status_code == 400
    assert everything(engine_of(app)) == before


def test_reading_changes_nothing(app: Flask, world: World, callers: Callers) -> None:
    """Mail scanners, link previews and browsers that fetch ahead follow every link there is."""
    before = everything(engine_of(app))
    for address in addresses(app):
        if address.method == "GET":
            for visitor in set(callers.values()):
                visitor.get(address.path(world.ana))
                visitor.head(address.path(world.ana))
            assert everything(engine_of(app)) == before, address


def test_every_form_of_a_page_carries_the_token(app: Flask, world: World, callers: Callers) -> None:
    seen = 0
    for address in addresses(app):
        if address.method == "GET":
            for visitor in set(callers.values()):
                page = visitor.get(address.path(world.ana))
                shown = page.text if page.mimetype == "text/html" else ""
                for form in re.findall(r'<form[^>]*method="post".*?</form>', shown, re.DOTALL):
                    assert TOKEN.search(form), address
                    seen += 1
    assert seen > 20
