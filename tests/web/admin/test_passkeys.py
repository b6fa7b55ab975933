"""Passkeys over HTTP, with a device in software, on both databases."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.access.models import StaffFactor
from portal.agencies.found import add_staff
from portal.agencies.models import Agency
from portal.core.audit import SYSTEM
from portal.core.tenancy import reading, writing
from tests.factories.authenticator import Authenticator
from tests.factories.people import make_agency
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, wait, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
NADIA = "nadia@harbor.example"
BASE = "/admin/second-factor"


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    agency = make_agency(engine_of(app))
    with writing(engine_of(app), agency.id) as session:
        add_staff(session, NADIA, "Nadia Brooks", "support", SYSTEM, AT)
    return agency


def signed_in(app: Flask, agency: Agency) -> Visitor:
    visitor = Visitor(app, agency)
    visitor.sign_in(NADIA)
    return visitor


def ask(visitor: Visitor, path: str) -> dict:
    answer = visitor.post(f"{BASE}/{path}", f"{BASE}/recovery-code")
    assert answer.mimetype == "application/json", words(answer)
    return json.loads(answer.text)


def enrol(visitor: Visitor, device: Authenticator) -> TestResponse:
    options = ask(visitor, "passkey/new/options")
    return visitor.post(f"{BASE}/passkey/new", f"{BASE}/new", credential=device.create(options))


def show(visitor: Visitor, device: Authenticator) -> TestResponse:
    options = ask(visitor, "passkey/options")
    return visitor.post(f"{BASE}/passkey", BASE, credential=device.get(options))


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/admin/").status_code == 200


def test_a_passkey_is_made_and_lets_its_owner_in(app: Flask, agency: Agency) -> None:
    device, visitor = Authenticator(), signed_in(app, agency)
    assert enrol(visitor, device).location.startswith("/harbor/admin/second-factor/recovery-codes")
    assert is_in(visitor)
    again = signed_in(app, agency)
    assert not is_in(again)
    assert "Use your passkey" in words(again.get(BASE))
    assert show(again, device).location == "/harbor/admin/"
    assert is_in(again)
    with reading(engine_of(app), agency.id) as session:
        factor = session.scalars(select(StaffFactor)).one()
    assert (factor.kind, factor.counter, factor.used_at) == ("passkey", 2, AT)


def test_a_device_that_does_not_count_works_too(app: Flask, agency: Agency) -> None:
    device = Authenticator(counts=False)
    enrol(signed_in(app, agency), device)
    for _ in range(2):
        visitor = signed_in(app, agency)
        assert show(visitor, device).location == "/harbor/admin/"


def test_a_copied_key_that_has_fallen_behind_is_refused(app: Flask, agency: Agency) -> None:
    device = Authenticator()
    enrol(signed_in(app, agency), device)
    copy = replace(device)
    assert show(signed_in(app, agency), device).location == "/harbor/admin/"
    thief = signed_in(app, agency)
    assert show(thief, copy).location.startswith("/harbor/admin/second-factor")
    assert "did not work" in words(thief.get(BASE))
    assert not is_in(thief)


def test_an_answer_works_once_and_for_five_minutes(app: Flask, agency: Agency) -> None:
    device = Authenticator(counts=False)
    enrol(signed_in(app, agency), device)
    visitor = signed_in(app, agency)
    answer = device.get(ask(visitor, "passkey/options"))
    assert visitor.post(f"{BASE}/passkey", BASE, credential=answer).location == "/harbor/admin/"
    thief = signed_in(app, agency)
    assert not_let_in(thief, answer)
    ask(thief, "passkey/options")
    assert not_let_in(thief, answer)
    late = signed_in(app, agency)
    answer = device.get(ask(late, "passkey/options"))
    wait(app, minutes=5)
    assert not_let_in(late, answer)


def not_let_in(visitor: Visitor, answer: str) -> bool:
    visitor.post(f"{BASE}/passkey", BASE, credential=answer)
    return not is_in(visitor)


@pytest.mark.parametrize(
    "device",
    [
        Authenticator(origin="http://evil.example"),
        Authenticator(origin="http://localhost:81"),
        Authenticator(verifies=False),
    ],
    ids=["another site", "another port", "nobody verified"],
)
def test_what_another_site_or_an_unattended_device_says_makes_no_passkey(
    app: Flask, agency: Agency, device: Authenticator
) -> None:
    visitor = signed_in(app, agency)
    assert enrol(visitor, device).location.startswith("/harbor/admin/second-factor/new")
    assert "could not be kept" in words(visitor.get(f"{BASE}/new"))
    assert not is_in(visitor)


def test_anothers_passkey_opens_nothing(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        add_staff(session, "luis@harbor.example", "Luis Ortega", "admin", SYSTEM, AT)
    nadias, luis = Authenticator(), Visitor(app, agency)
    enrol(signed_in(app, agency), nadias)
    luis.sign_in("luis@harbor.example")
    assert enrol(luis, Authenticator()).location.startswith("/harbor/admin/second-factor/recovery-codes")
    thief = Visitor(app, agency)
    thief.sign_in("luis@harbor.example")
    show(thief, nadias)
    assert not is_in(thief)


def test_the_same_device_is_kept_once(app: Flask, agency: Agency) -> None:
    device, visitor = Authenticator(), signed_in(app, agency)
    enrol(visitor, device)
    known = ask(visitor, "passkey/new/options")["excludeCredentials"]
    assert len(known) == 1
    enrol(visitor, device)
    with reading(engine_of(app), agency.id) as session:
        assert len(session.scalars(select(StaffFactor)).all()) == 1


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "nonsense", '{"id": "\\u0000", "rawId": "\\u0000"}', '{"id": 1}', "null"]
)
def test_nonsense_is_refused_politely(app: Flask, agency: Agency, answer: str) -> None:
    enrol(signed_in(app, agency), Authenticator())
    visitor = signed_in(app, agency)
    ask(visitor, "passkey/options")
    assert visitor.post(f"{BASE}/passkey", BASE, credential=answer).status_code == 303
    assert not is_in(visitor)


def test_odd_bytes_are_refused_politely(app: Flask, agency: Agency) -> None:
    device = Authenticator()
    enrol(signed_in(app, agency), device)
    visitor = signed_in(app, agency)
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        answer = json.loads(device.get(ask(visitor, "passkey/options")))
        answer["response"][part] = "AAAA"
        assert not_let_in(visitor, json.dumps(answer))


def test_five_failed_passkeys_and_codes_have_to_wait_too(app: Flask, agency: Agency) -> None:
    staff_visitor(app, agency, "support")
    visitor = Visitor(app, agency)
    visitor.sign_in("support@harbor.example")
    for _ in range(5):
        assert visitor.post(f"{BASE}/passkey", BASE, credential="").status_code == 303
    assert visitor.post(BASE, code="123456").status_code == 429
