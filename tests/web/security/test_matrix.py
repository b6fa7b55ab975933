"""Every route for everybody: the outcome follows from what the route states, and nobody reads what is another's.

Once with all that keeps people apart, and once on PostgreSQL with the scope of the session taken away, so that
row-level security alone has to hold between agencies.
"""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState
from werkzeug.test import TestResponse

from portal.core import tenancy
from portal.core.tenancy import Scoped
from tests.web.security.addresses import Address
from tests.web.security.holdings import Holdings, World
from tests.web.security.matrix import CALLERS, Caller, Outcome, expected, fields_of, rows
from tests.web.security.test_forgery import everything, send
from tests.web.security.test_isolation import GONE, traces
from tests.web.visitor import engine_of

DOOR = re.compile(r"/harbor/(sign-in\?next=.*|pay-a-policy)")


@pytest.fixture
def without_scope() -> Iterator[None]:
    """Sessions no longer narrow what they ask for; new rows still say whose they are."""

    def own_new_rows(state: ORMExecuteState) -> None:
        session = state.session
        assert isinstance(session, Scoped)
        if state.is_insert:
            tenancy._scope(state)

    event.remove(Scoped, "do_orm_execute", tenancy._scope)
    event.listen(Scoped, "do_orm_execute", own_new_rows)
    yield
    event.remove(Scoped, "do_orm_execute", own_new_rows)
    event.listen(Scoped, "do_orm_execute", tenancy._scope)


def ask(caller: Caller, address: Address, in_path: Holdings, in_fields: Holdings) -> TestResponse:
    """Call a route with one's things in its path and another's in its query and its body."""
    path, fields = address.path(in_path), fields_of(in_fields)
    if address.method == "GET":
        return caller.visitor.get(path, query_string=fields)
    return send(caller.visitor, path, fields)


def outcome(answer: TestResponse) -> set[Outcome]:
    """What an answer may be taken for: a redirect to the sign-in page can be how a page serves somebody."""
    if answer.status_code == 403:
        return {"forbidden"}
    if answer.status_code in GONE:
        return {"hidden", "served"}
    if answer.status_code in {302, 303} and DOOR.fullmatch(answer.location or ""):
        return {"door"} if "?next=" in (answer.location or "") else {"door", "served"}
    return {"served"}


def walk(app: Flask, world: World, caller: Caller, *, other_agency_only: bool = False) -> None:
    """Call every route, or those calls alone that name something of the other agency; collect all that is wrong."""
    wrong = []
    others_agency = everything(engine_of(app), world.cedar.id)
    for address, in_path, in_fields in rows(app, world):
        if other_agency_only and world.cleo not in (in_path, in_fields):
            continue
        answer = ask(caller, address, in_path, in_fields)
        what = f"{address} with {in_path.email} in the path and {in_fields.email} in the fields"
        wish = expected(app, world, caller, address, in_path)
        if wish not in outcome(answer):
            wrong.append(f"{what}: {wish} was expected, not {answer.status} {answer.location or ''}")
        for owner in (world.ana, world.bob, world.cleo):
            holds_its_name = address.access == "holder" and in_path is owner is not world.cleo
            looked_up = caller.looked_up is owner
            if owner not in caller.own and not holds_its_name and not looked_up and (read := traces(answer, owner)):
                wrong.append(f"{what}: tells of {owner.email}: {read}")
        if answer.status_code >= 500 and address.endpoint not in {"deployment.readyz"}:
            wrong.append(f"{what}: {answer.status}")
    assert wrong == []
    assert everything(engine_of(app), world.cedar.id) == others_agency


@pytest.mark.parametrize("who", CALLERS)
def test_everybody_at_every_route(app: Flask, world: World, who: str) -> None:
    walk(app, world, CALLERS[who](app, world))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("who", CALLERS)
def test_row_level_security_alone_keeps_agencies_apart(app: Flask, world: World, who: str, without_scope: None) -> None:
    walk(app, world, CALLERS[who](app, world), other_agency_only=True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_scope_and_without_row_level_security_agencies_are_not_apart(
    app: Flask, world: World, without_scope: None
) -> None:
    """Else the test above would prove nothing."""
    answer = CALLERS["support"](app, world).visitor.get(f"/admin/programs/{world.cleo.program_id}")
    assert traces(answer, world.cleo) != []
