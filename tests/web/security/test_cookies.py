"""The browser's cookie: one per agency, and worth nothing at another."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from portal.settings import Settings
from tests.web.security.conftest import AT
from tests.web.security.holdings import CEDAR_HOST, World
from tests.web.visitor import Visitor, set_clock, words

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def cookies(client: FlaskClient, path: str, base_url: str) -> dict[str, set[str]]:
    """The cookies that a page sets: name -> its attributes, in lower case."""
    found = {}
    for line in client.get(path, base_url=base_url).headers.getlist("Set-Cookie"):
        first, *rest = line.split("; ")
        found[first.partition("=")[0]] = {part.lower() for part in rest}
    return found


def test_in_the_demo_the_cookie_is_the_agencys_and_hidden_from_scripts(app: Flask, world: World) -> None:
    plain = {"httponly", "path=/", "samesite=lax"}
    assert cookies(app.test_client(), "/harbor/", "http://localhost") == {"portal-harbor": plain}
    assert cookies(app.test_client(), "/cedar/", "http://localhost") == {"portal-cedar": plain}
    assert cookies(app.test_client(), "/", f"http://{CEDAR_HOST}") == {"portal-cedar": plain}


def test_with_https_the_cookie_is_bound_to_the_host(settings: Settings, world: World) -> None:
    client = create_app(settings.model_copy(update={"base_url": "https://localhost"})).test_client()
    bound = {"httponly", "path=/", "samesite=lax", "secure"}
    assert cookies(client, "/harbor/", "https://localhost") == {"__Host-portal-harbor": bound}
    assert cookies(client, "/", f"https://{CEDAR_HOST}") == {"__Host-portal-cedar": bound}


def test_what_a_browser_is_at_one_agency_it_is_not_at_another(app: Flask, world: World, ana: Visitor) -> None:
    assert world.ana.email in words(ana.get("/"))
    elsewhere = Visitor(app, world.cedar)
    elsewhere._client = ana._client
    assert world.ana.email not in elsewhere.get("/").text
    assert elsewhere.get(f"/programs/{world.cleo.program_id}").status_code == 302


def test_a_cookie_under_another_agencys_name_is_no_cookie(
    app: Flask, world: World, ana: Visitor, accountant: Visitor
) -> None:
    for visitor in (ana, accountant):
        cookie = visitor._client.get_cookie("portal-harbor")
        assert cookie
        visitor._client.set_cookie("portal-cedar", cookie.value)
        page = visitor._client.get("/cedar/sign-in", environ_overrides={"REMOTE_ADDR": "198.51.100.9"})
        assert page.status_code == 200
        for path in (f"/programs/{world.ana.program_id}", f"/guest/program/{world.ana.program_id}"):
            answer = visitor._client.get(f"/cedar{path}")
            assert answer.location in ("/cedar/pay-a-policy", f"/cedar/sign-in?next={path}")
    assert accountant.get(f"/guest/program/{world.ana.program_id}").status_code == 200


def test_a_changed_cookie_is_no_cookie(app: Flask, world: World, ana: Visitor) -> None:
    cookie = ana._client.get_cookie("portal-harbor")
    assert cookie
    for value in (cookie.value[:-2] + "AA", cookie.value[1:], "", "{}", "é"):
        ana._client.set_cookie("portal-harbor", value)
        assert "Pay your insurance" in words(ana.get("/"))


def test_the_cookie_is_new_after_each_sign_in_and_worthless_after_sign_out(app: Flask, world: World) -> None:
    set_clock(app, AT)
    visitor = Visitor(app, world.harbor, "198.51.100.5")
    visitor.sign_in(world.ana.email)
    kept = visitor._client.get_cookie("portal-harbor")
    assert kept
    visitor.post("/sign-out", "/")
    assert "Pay your insurance" in words(visitor.get("/"))
    visitor._client.set_cookie("portal-harbor", kept.value)
    assert "Pay your insurance" in words(visitor.get("/"))
