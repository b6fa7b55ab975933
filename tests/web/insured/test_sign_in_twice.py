"""Signing in twice: two clicks at once, somebody else in the same browser, cookies that change their name."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from portal.access.models import SignInChallenge, SignInSession
from portal.access.sign_in import Browser, request_sign_in
from portal.agencies.models import Agency
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from tests.factories.people import make_agency, make_insured
from tests.web.visitor import TOKEN, Visitor, engine_of, newest_mail, set_clock, wait

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
ANA, BOB = "ana@bakery.example", "bob@garage.example"


@pytest.fixture
def agency(app: Flask) -> Agency:
    agency = make_agency(engine_of(app))
    set_clock(app, AT)
    with writing(engine_of(app), agency.id) as session:
        make_insured(session, ANA)
        make_insured(session, BOB)
    return agency


def twin(visitor: Visitor) -> Visitor:
    """A second request of the same browser, before the answer to the first has come."""
    cookie = visitor._client.get_cookie(f"portal-{visitor.agency.slug}")
    assert cookie is not None
    other = Visitor(visitor.app, visitor.agency)
    other._client.set_cookie(cookie.key, cookie.value)
    return other


def test_two_clicks_are_one_challenge_and_one_mail(app: Flask, agency: Agency) -> None:
    first = Visitor(app, agency)
    token = TOKEN.search(first.get("/sign-in").text)
    assert token is not None
    second = twin(first)
    for visitor in (first, second):
        assert visitor.send("/sign-in", csrf_token=token.group(1), email=ANA).status_code == 303
    with reading(engine_of(app), agency.id) as session:
        assert len(session.scalars(select(SignInChallenge)).all()) == 1
        assert len(session.scalars(select(OutboxRow)).all()) == 1
    code = newest_mail(app, agency).code
    assert second.post("/sign-in/check", code=code).status_code == 303


def test_requests_at_the_same_moment_take_turns(engine: Engine) -> None:
    agency = make_agency(engine)

    def ask(_number: int) -> str:
        browser = Browser("one browser", "192.0.2.1")
        return request_sign_in(lambda: writing(engine, agency.id), "secret", ANA, browser, "/", "en_US", AT)

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(ask, range(4)))) == 1


def test_whoever_signs_in_next_ends_the_session_before(app: Flask, agency: Agency) -> None:
    Visitor(app, agency).post("/sign-in", email=BOB)
    late = f"/sign-in/link/{newest_mail(app, agency).link_token}"
    wait(app, minutes=10)
    browser = Visitor(app, agency)
    browser.sign_in(ANA)
    browser.post(f"{late}/new", late)
    browser.post(f"/sign-in/link/{newest_mail(app, agency).link_token}")
    with reading(engine_of(app), agency.id) as session:
        ended = {row.email: row.ended_at is not None for row in session.scalars(select(SignInSession))}
    assert ended == {ANA: True, BOB: False}
