"""A new deployment: nobody is known, nothing but pages and styles is served, errors show nothing."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from portal.app import create_app
from portal.settings import Settings
from tests.web.security.addresses import addresses
from tests.web.security.conftest import Callers
from tests.web.security.holdings import World
from tests.web.security.test_forgery import everything
from tests.web.security.test_headers import FRAMED
from tests.web.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FILES = [".git/HEAD", ".git/config", ".env", "wsgi.py", "portal/app.py", "pyproject.toml", "var/portal.db", "Makefile"]


def test_a_new_database_knows_nobody(engine: Engine) -> None:
    """No account to begin with: the operator names the first admin."""
    assert {name for name, rows in everything(engine).items() if rows} == set()


def test_no_file_of_the_project_is_served(app: Flask, world: World, client: FlaskClient) -> None:
    for name in FILES:
        for base in ("/", "/harbor/", "/static/", "/static/../", "/static/%2e%2e/", "/brands/harborline/../"):
            answer = client.get(f"{base}{name}")
            assert answer.status_code in {301, 302, 404, 410}, f"{base}{name}: {answer.status}"
            assert "Index of" not in answer.text


def test_errors_show_no_insides_and_debugging_is_off(
    settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings)
    assert not app.debug and not app.testing
    monkeypatch.setitem(app.view_functions, "insured.signed_out", _fail)
    answer = app.test_client().get("/harbor/signed-out")
    assert answer.status_code == 500
    for word in ("Traceback", "RuntimeError", "CANARY", ".py"):
        assert word not in answer.text


def test_methods_that_nobody_needs_are_refused(client: FlaskClient, world: World) -> None:
    for method in ("TRACE", "TRACK", "PUT", "PATCH", "CONNECT"):
        assert client.open("/harbor/", method=method).status_code in {405, 501}


def test_signing_out_is_one_press_away_on_every_page_and_clears_the_browser(
    app: Flask, world: World, callers: Callers, ana: Visitor, admin: Visitor
) -> None:
    seen = 0
    for address in addresses(app):
        if address.method == "GET" and address.access in {"insured", "staff"} and address.endpoint not in FRAMED:
            page = callers[address.access].get(address.path(world.ana))
            if page.status_code == 200 and page.mimetype == "text/html" and "<html" in page.text:
                assert 'action="/harbor/sign-out"' in page.text, address
                seen += 1
    assert seen > 12
    for visitor in (ana, admin):
        assert visitor.post("/sign-out", "/signed-out").headers["Clear-Site-Data"] == '"storage"'


def _fail() -> str:
    raise RuntimeError("CANARY")


_fail.__access__ = "public"  # type: ignore[attr-defined]
