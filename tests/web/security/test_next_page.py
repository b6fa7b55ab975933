"""Where `next` leads: to a page of this agency's portal or home, whoever has changed it on the way."""

from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.access.models import SignInChallenge
from portal.core.tenancy import reading
from portal.web.next_page import safe_path
from tests.web.security.holdings import CEDAR_HOST, World
from tests.web.security.test_forgery import token_of
from tests.web.visitor import Visitor, engine_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example/",
    "\\\\evil.example",
    "/\\evil.example",
    "/\\/evil.example",
    "\\/evil.example",
    "/%2f/evil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "https://evil.example/",
    "HTTPS:evil.example",
    "https:/evil.example",
    "http://localhost.evil.example/",
    "http://localhost@evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "\1//evil.example",
    " //evil.example",
    "/\u2028/evil.example",
    "/\u3002evil.example",
    "/..//evil.example",
    "/.//evil.example",
    "/;//evil.example",
    "/#//evil.example",
    "@evil.example",
    ".evil.example",
    "/cedar/",
    "/harbor/",
    "/../cedar/",
    "/%2e%2e/cedar/",
    "/no-such-page",
    "/language",
    "/sign-out",
    "x" * 5_000,
]
PAGES = ["/", "/pay-a-policy", "/sign-in", "/pay?invoice=1&invoice=2", "/programs/1?x=//evil.example", "/signed-out"]


def test_what_is_no_page_here_leads_home(app: Flask, world: World) -> None:
    for number, wished in enumerate(ELSEWHERE):
        visitor = Visitor(app, world.harbor, f"198.18.{number}.1")
        answer = visitor.send("/language", csrf_token=token_of(visitor), language="es", next=wished)
        assert answer.location == "/harbor/", wished
        visitor.send("/sign-in", csrf_token=token_of(visitor), email=f"x{number}@y.example", next=wished)
        with reading(engine_of(app), world.harbor.id) as session:
            newest = session.scalars(select(SignInChallenge).order_by(SignInChallenge.id.desc()).limit(1)).one()
        assert (newest.email, newest.next_path) == (f"x{number}@y.example", "/"), wished


def test_what_is_a_page_here_is_gone_to(app: Flask, world: World, stranger: Visitor) -> None:
    for wished in PAGES:
        answer = stranger.send("/language", csrf_token=token_of(stranger), language="es", next=wished)
        assert answer.location == f"/harbor{wished}"


def test_who_has_signed_in_is_not_sent_elsewhere_by_a_link(app: Flask, world: World, ana: Visitor) -> None:
    for wished in ELSEWHERE:
        assert ana.get(f"/sign-in?next={quote(wished)}").location == "/harbor/"


@given(
    st.one_of(
        st.text(),
        st.text(alphabet="/\\:@.%?#;evil\t\n\r \0\u2028ht"),
        st.from_regex(r"[/\\]{1,4}.*", fullmatch=True),
        st.sampled_from(PAGES).flatmap(lambda page: st.text(max_size=8).map(lambda more: page + more)),
    )
)
@hypothesis_settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_nothing_leaves_the_portal_on_a_host_of_its_own(app: Flask, world: World, wished: str) -> None:
    """There the address begins with the path itself: a second slash would make it another site's."""
    environ = {"portal.agency": "cedar"}
    with app.test_request_context("/sign-in", base_url=f"http://{CEDAR_HOST}/", environ_overrides=environ):
        path = safe_path(wished)
    assert path.startswith("/")
    assert path[1:2] not in ("/", "\\")
    assert path.isprintable()
    assert urlsplit(path).netloc == ""
