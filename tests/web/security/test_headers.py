"""Headers and markup of every answer, for every route there is: no inline code, nothing kept that shows money."""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.settings import Settings
from tests.web.security.addresses import Address, addresses
from tests.web.security.holdings import World
from tests.web.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FOR_GOOD = "public, max-age=31536000, immutable"


class Inline(HTMLParser):
    """Collects what a content security policy without 'unsafe-inline' forbids, and the nonces of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.nonces: set[str | None] = set()
        self._in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._in_script = tag == "script"
        if tag == "script":
            self.nonces.add(values.get("nonce"))
        if tag == "style" or "style" in values or any(name.startswith(("on", "hx-on")) for name in values):
            self.found.append(f"<{tag} {values}>")
        if any((value or "").strip().lower().startswith(("javascript:", "data:text")) for value in values.values()):
            self.found.append(f"<{tag} {values}>")

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.found.append(f"<script> {data.strip()[:40]}")


FRAMED = {"admin.brand_preview", "admin.mail_text_preview"}
"""Previews, which stand in frames of our own: they run and send nothing, and bring a mail's own styles."""


def policy_of(answer: TestResponse) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in parts}


def answers(app: Flask, world: World, *visitors: Visitor) -> list[tuple[Address, TestResponse]]:
    """What every route says to each visitor, as a page and as a fragment; to its owner's things and to unknown ones."""
    found = []
    for address in addresses(app):
        for visitor in visitors:
            path = address.path(world.ana)
            for headers in ({}, {"HX-Request": "true"}):
                send = visitor.get if address.method == "GET" else visitor.send
                found.append((address, send(path, headers=headers)))
            if address.owned:
                found.append((address, visitor.get(address.path(world.cleo))))
    return found


def test_every_answer_has_the_headers(
    app: Flask, world: World, ana: Visitor, stranger: Visitor, admin: Visitor
) -> None:
    for address, answer in answers(app, world, ana, stranger, admin):
        policy = policy_of(answer)
        if address.endpoint in FRAMED and "sandbox" in policy:
            assert policy["sandbox"] == "allow-same-origin", address
            assert policy["default-src"] == policy["form-action"] == "'none'", address
            assert "script-src" not in policy, address
            assert policy["frame-ancestors"] == "'self'", address
            continue
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'", address
        assert policy["form-action"] == policy["style-src"] == "'self'", address
        assert "unsafe" not in answer.headers["Content-Security-Policy"], address
        assert "*" not in answer.headers["Content-Security-Policy"], address
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        assert answer.headers["X-Frame-Options"] == "DENY", address
        assert answer.headers["Referrer-Policy"] == "strict-origin", address
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", address
        assert answer.headers["Cross-Origin-Opener-Policy"].startswith("same-origin"), address
        assert "camera=()" in answer.headers["Permissions-Policy"], address
        assert policy["report-uri"] == "/csp-report", address
        assert answer.headers["Reporting-Endpoints"] == f'{policy["report-to"]}="/csp-report"', address
        assert "HX-Request" in answer.headers["Vary"], address
        assert "Server" not in answer.headers, address
        assert "Access-Control-Allow-Origin" not in answer.headers, address
        if answer.get_data() and answer.mimetype.startswith("text/"):
            assert answer.mimetype_params["charset"] == "utf-8", address
        assert not answer.get_data() or answer.mimetype, address


def test_scripts_have_the_answers_own_nonce_and_nothing_is_inline(
    app: Flask, world: World, ana: Visitor, stranger: Visitor, accountant: Visitor, admin: Visitor
) -> None:
    nonces = []
    for address, answer in answers(app, world, ana, stranger, accountant, admin):
        if answer.mimetype != "text/html" or not answer.text or "sandbox" in policy_of(answer):
            continue
        inline = Inline(answer.text)
        assert inline.found == [], (address, answer.status)
        nonce = re.search(r"'nonce-([^']+)'", policy_of(answer)["script-src"])
        assert nonce and len(nonce[1]) >= 22, address
        assert inline.nonces <= {nonce[1]}, address
        nonces.append(nonce[1])
    assert len(nonces) == len(set(nonces)) > 50


def test_only_files_without_money_are_kept_by_caches(app: Flask, world: World, ana: Visitor, admin: Visitor) -> None:
    kept = {
        address.endpoint
        for address, answer in answers(app, world, ana, admin)
        if answer.headers["Cache-Control"] != "no-store"
    }
    assert kept == {endpoint for endpoint in app.view_functions if endpoint.startswith("brand_")}
    page = ana.get("/").text
    for name in ("brand", "favicon"):
        path = re.search(rf'"/harbor(/{name}-\w+\.\w+)"', page)
        assert path and ana.get(path[1]).headers["Cache-Control"] == FOR_GOOD


def test_the_processor_is_allowed_where_a_card_is_entered_or_confirmed_and_nowhere_else(
    app: Flask, world: World, ana: Visitor, accountant: Visitor, admin: Visitor
) -> None:
    allowed = {
        f"{address.endpoint} {answer.status_code}"
        for address, answer in answers(app, world, ana, accountant, admin)
        if policy_of(answer).get("frame-src", "'none'") not in {"'none'", "'self'"}
    }
    assert allowed == {
        "insured.pay 200",
        "guest.pay 200",
        "link.pay 200",
        "partner.pay 200",
        "insured.new_method 200",
        "insured.added_method 200",
    }
    assert "127.0.0.1" in policy_of(ana.get(f"/payments/{world.ana.confirming_token}"))["frame-src"]


def test_https_is_demanded_where_it_is_used(settings: Settings, world: World) -> None:
    client = create_app(settings.model_copy(update={"base_url": "https://localhost"})).test_client()
    answer = client.get("/harbor/", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    script = client.get(re.findall(r'"(/static/[^"]+)"', answer.text)[0], base_url="https://localhost")
    assert script.headers["Strict-Transport-Security"] == answer.headers["Strict-Transport-Security"]


def test_static_files_are_what_they_say(client: FlaskClient, world: World) -> None:
    found = re.findall(r'"(/static/[^"]+)"', client.get("/harbor/").text)
    assert len(found) >= 4
    for path in found:
        answer = client.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Access-Control-Allow-Origin" not in answer.headers
