"""Every address of the API with every key: made from its own URL map, so that a new route is in here without a line.

A route that writes needs a body: say in `BODIES` what it takes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.access.api_keys import Scope, revoke_key
from portal.access.models import ApiKey
from portal.agencies.models import Agency
from portal.core.audit import SYSTEM
from portal.core.tenancy import reading, writing
from portal.web.api.application import EXTENSION
from portal.web.api.callers import scope_of
from tests.factories.staff import staff_visitor
from tests.web.api.conftest import Robot
from tests.web.api.test_api import ACCOUNT
from tests.web.security.addresses import UNKNOWN
from tests.web.security.holdings import Holdings, World
from tests.web.security.test_forgery import everything
from tests.web.security.test_isolation import traces
from tests.web.visitor import engine_of, services_of

OWNED = {
    "account_id": attrgetter("partner_id"),
    "user_id": attrgetter("partner_user_id"),
    "program_id": attrgetter("program_id"),
    "invoice_id": attrgetter("invoice_id"),
    "payment_id": attrgetter("payment_id"),
}
"""The argument of a path -> which of somebody's things it names."""
NOBODYS = UNKNOWN | {"account_id": 98_765_432}


@dataclass(frozen=True, slots=True)
class Call:
    """A route with one method."""

    rule: Rule
    method: str
    scope: Scope

    def path(self, owner: Holdings) -> str:
        """Its path with somebody's thing in it."""
        return self._built({name: OWNED[name](owner) for name in self.rule.arguments})

    def path_of_nothing(self) -> str:
        """Its path with an id that nobody has."""
        return self._built({name: NOBODYS[name] for name in self.rule.arguments})

    def body(self, owner: Holdings) -> dict[str, Any] | None:
        """What it takes, about somebody's things."""
        return None if self.method == "GET" else BODIES[self.method, str(self.rule)](owner)

    def _built(self, values: dict[str, Any]) -> str:
        built = self.rule.build(values)
        assert built is not None
        return built[1]

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/organization-accounts"): lambda _: ACCOUNT,
    ("PATCH", "/organization-accounts/<int:account_id>"): lambda _: {"city": "Salem"},
    ("POST", "/users"): lambda owner: {
        "organization_account_id": owner.partner_id,
        "email": "new@zebra-friends.example",
        "role": "view",
    },
    ("PATCH", "/users/<int:user_id>"): lambda _: {"role": "pay"},
}


def calls(app: Flask) -> Iterator[Call]:
    """All of them, but the description, which needs no key."""
    api: Flask = app.extensions[EXTENSION]
    for rule in api.url_map.iter_rules():
        scope = scope_of(api, rule.endpoint)
        if rule.endpoint == "openapi.spec":
            continue
        assert scope is not None, rule
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Call(rule, method, scope)


def kept(app: Flask, agency: Agency) -> dict[str, Any]:
    """Everything of an agency, but when its keys were used last and which tries are counted."""
    rows = everything(engine_of(app), agency.id)
    return {name: found for name, found in rows.items() if name not in {"api_key", "access_try"}}


def is_problem(answer: TestResponse, status: int, name: str) -> bool:
    """A problem as RFC 9457 has it, that leads nobody on and is kept nowhere."""
    said = answer.json
    assert isinstance(said, dict), answer.text
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert (said["status"], said["type"]) == (status, f"urn:portal:problem:{name}")
    assert said["title"] and said["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert status != 401 or answer.headers["WWW-Authenticate"] == "Bearer"
    return True


def test_without_a_key_that_works_nothing_is_there(app: Flask, world: World) -> None:
    """No key, none of ours, one that was ended, another agency's, one in the address, a browser that is signed in."""
    robot, ended, elsewhere = Robot(app, world.harbor), Robot(app, world.harbor), Robot(app, world.cedar)
    with writing(engine_of(app), world.harbor.id) as session:
        revoke_key(session, ended.key_id, SYSTEM, services_of(app).now())
    one_letter_off = robot.token[:-1] + ("A" if robot.token[-1] != "A" else "B")
    forged = robot.token.replace(f"ppk_{world.harbor.id}_", f"ppk_{world.cedar.id}_")
    signed_in = staff_visitor(app, world.harbor, "admin")
    before = [kept(app, agency) for agency in (world.harbor, world.cedar)]
    for call in calls(app):
        path, body = call.path(world.ana), call.body(world.ana)
        for header in ("", "Bearer", "Bearer nonsense", f"Bearer {one_letter_off}", f"Bearer {forged}"):
            answer = robot.call(call.method, path, body, Authorization=header)
            assert is_problem(answer, 401, "no-valid-key"), (call, header)
            assert traces(answer, world.ana) == []
        assert is_problem(ended.call(call.method, path, body), 401, "no-valid-key"), call
        assert is_problem(elsewhere.call(call.method, path, body, slug="harbor"), 401, "no-valid-key"), call
        for name in "key", "api_key", "access_token", "token":
            answer = robot.call(call.method, f"{path}?{name}={robot.token}", body, Authorization="")
            assert is_problem(answer, 401, "no-valid-key"), call
        browser = app.test_client()
        for name, value in signed_in.cookies():
            browser.set_cookie(name, value)
        answer = browser.open(f"/harbor/api/v1{path}", method=call.method, json=body)
        assert is_problem(answer, 401, "no-valid-key"), call
    assert [kept(app, agency) for agency in (world.harbor, world.cedar)] == before


def test_a_key_does_what_its_scopes_say_and_nothing_else(app: Flask, world: World) -> None:
    narrow = {scope: Robot(app, world.harbor, [scope]) for scope in Scope}
    wide = {scope: Robot(app, world.harbor, [each for each in Scope if each is not scope]) for scope in Scope}
    needed = set()
    for call in calls(app):
        path, body = call.path(world.ana), call.body(world.ana)
        refused = wide[call.scope].call(call.method, path, body)
        assert is_problem(refused, 403, "not-in-scope"), call
        assert call.scope in refused.json["detail"]
        assert traces(refused, world.ana) == []
        served = narrow[call.scope].call(call.method, path, body)
        assert served.status_code in {200, 201}, (call, served.text)
        assert call.method != "GET" or traces(served, world.ana), call
        needed.add(call.scope)
    assert needed == set(Scope), "a scope that opens nothing"


def test_what_is_another_agencys_is_like_what_does_not_exist(app: Flask, world: World) -> None:
    robot = Robot(app, world.harbor)
    before = everything(engine_of(app), world.cedar.id)
    for call in calls(app):
        theirs = robot.call(call.method, call.path(world.cleo), call.body(world.cleo))
        assert traces(theirs, world.cleo) == [], call
        if call.rule.arguments:
            nothing = robot.call(call.method, call.path_of_nothing(), call.body(world.cleo))
            assert is_problem(theirs, 404, "not-found"), call
            assert theirs.data == nothing.data, call
        elif call.method == "GET" and call.scope is not Scope.READ_ACCOUNTS:
            of_cleo = robot.call("GET", f"{call.rule}?organization_account_id={world.cleo.partner_id}")
            assert (of_cleo.status_code, of_cleo.json["data"]) == (200, []), call
    user = BODIES["POST", "/users"](world.cleo)
    assert is_problem(robot.call("POST", "/users", user), 404, "not-found")
    assert everything(engine_of(app), world.cedar.id) == before


def test_what_was_sent_with_a_key_is_done_once(app: Flask, world: World) -> None:
    """Sent again it is answered the same; with another body, or elsewhere, it is refused; to another key it is new."""
    robot, other = Robot(app, world.harbor), Robot(app, world.harbor)
    writes = [call for call in calls(app) if call.method != "GET"]
    assert {(call.method, str(call.rule)) for call in writes} == BODIES.keys()
    for number, call in enumerate(writes):
        path, body, once = call.path(world.ana), call.body(world.ana), f"once-{number}"
        assert body is not None
        first = robot.call(call.method, path, body, once=once)
        assert first.status_code in {200, 201}, (call, first.text)
        done = kept(app, world.harbor)
        again = robot.call(call.method, path, body, once=once)
        assert (again.status_code, again.data, again.mimetype) == (first.status_code, first.data, "application/json")
        mismatch = robot.call(call.method, path, body | {"first_name": "Else", "name": "Else"}, once=once)
        assert is_problem(mismatch, 422, "invalid"), call
        for elsewhere in writes:
            if elsewhere is not call:
                sent = robot.call(elsewhere.method, elsewhere.path(world.ana), elsewhere.body(world.ana), once=once)
                assert is_problem(sent, 422, "invalid"), (call, elsewhere)
        assert kept(app, world.harbor) == done, call
        assert other.call(call.method, path, body, once=once).data != b"", call
        for bad in "x" * 201, "é", "a\tb":
            assert robot.call(call.method, path, body, **{"Idempotency-Key": bad}).status_code == 422, call


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_stands_nowhere_in_the_database(app: Flask, world: World) -> None:
    robot = Robot(app, world.harbor)
    robot.call("POST", "/organization-accounts", ACCOUNT, once="one")
    secret = robot.token.rpartition("_")[2]
    assert secret not in str(everything(engine_of(app), world.harbor.id))
    with reading(engine_of(app), world.harbor.id) as session:
        assert session.scalars(select(ApiKey.token_hash).where(ApiKey.id == robot.key_id)).one() != robot.token
