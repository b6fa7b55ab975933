"""What people read when something does not work, and what the log keeps of it."""

import logging
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from portal.agencies.models import Agency, AgencyHost
from portal.core.tenancy import writing_global
from portal.web.guest import link
from tests.factories.people import make_agency
from tests.web.visitor import TOKEN, Visitor, engine_of, set_clock, words


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, datetime(2026, 7, 15, 12, tzinfo=UTC))
    return make_agency(engine_of(app))


def csrf_of(visitor: Visitor, path: str = "/sign-in") -> str:
    found = TOKEN.search(visitor.get(path).text)
    assert found is not None
    return found.group(1)


def test_a_page_that_only_takes_forms_says_so(app: Flask, agency: Agency) -> None:
    answer = Visitor(app, agency).get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "This page cannot be opened by its address alone." in words(answer)
    assert agency.name in words(answer)


def test_a_link_that_never_was_says_what_may_be_wrong_with_it(app: Flask, agency: Agency) -> None:
    answer = Visitor(app, agency).get("/pay/cut-off")
    assert answer.status_code == 404
    assert "If you followed a link, it may have been cut off" in words(answer)


def test_what_is_too_large_is_refused_in_the_agencys_look(app: Flask, agency: Agency) -> None:
    visitor = Visitor(app, agency)
    answer = visitor.send("/sign-in", csrf_token=csrf_of(visitor), email="a" * 2_000_000)
    assert answer.status_code == 413
    assert "What you sent is too large" in words(answer)
    assert agency.phone in words(answer)


def test_a_form_without_its_cookie_says_what_may_be_wrong(app: Flask, agency: Agency) -> None:
    token = csrf_of(Visitor(app, agency))
    answer = Visitor(app, agency).send("/sign-in", csrf_token=token, email="ana@bakery.example")
    assert answer.status_code == 403
    assert "This page is out of date" in words(answer)
    assert "your browser keeps no cookies" in words(answer)


def test_a_form_of_another_site_is_told_so(app: Flask, agency: Agency) -> None:
    visitor = Visitor(app, agency)
    answer = visitor.send("/sign-in", {"Origin": "https://evil.example"}, csrf_token=csrf_of(visitor))
    assert answer.status_code == 403
    assert "it came from another site" in words(answer)
    assert "signed in" not in words(answer)


def test_the_log_names_the_route_and_not_the_address(
    app: Flask, agency: Agency, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_values: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(link, "find_link", break_down)
    with caplog.at_level(logging.DEBUG):
        answer = Visitor(app, agency).get("/pay/a-key-that-pays")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in words(answer)
    assert "link.pay [GET]" in caplog.text
    assert "out of order" in caplog.text
    assert "a-key-that-pays" not in caplog.text


def test_an_error_of_the_database_shows_no_values(app: Flask, agency: Agency) -> None:
    with pytest.raises(SQLAlchemyError) as failed, writing_global(engine_of(app)) as session:
        session.add(AgencyHost(host="a-private-value.example", agency_id=agency.id + 1))
    assert "a-private-value" not in str(failed.value).partition("DETAIL")[0]
