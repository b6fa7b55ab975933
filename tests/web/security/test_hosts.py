"""Hosts: each agency by its own and by path, never another's; forged ones get no answer."""

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from portal.app import create_app
from portal.settings import Settings
from tests.web.security.holdings import CEDAR_HOST, World
from tests.web.visitor import Visitor, newest_mail, services_of, words

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OWN = f"http://{CEDAR_HOST}"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:8000", "localhost, evil.example", "", "harbor"]
)
def test_a_forged_host_gets_no_answer(client: FlaskClient, world: World, host: str) -> None:
    for path in ("/harbor/", "/harbor/sign-in", "/csp-report", "/"):
        answer = client.get(path, headers={"Host": host})
        assert (answer.status_code, answer.text) == (400, "This host is not served here.\n")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_agency_is_found_by_path_and_by_its_own_host(client: FlaskClient, world: World) -> None:
    assert world.harbor.name in words(client.get("/harbor/"))
    assert world.cedar.name in words(client.get("/cedar/"))
    assert world.cedar.name in words(client.get("/", base_url=OWN))
    assert world.cedar.name in words(client.get("/", base_url="http://PAY.CEDAR.example:80"))


def test_an_agencys_host_never_shows_another(client: FlaskClient, world: World) -> None:
    for path in ("/harbor/", "/harbor/sign-in", "/cedar/", "//harbor/", "/./harbor/", "/%68arbor/"):
        answer = client.get(path, base_url=OWN, follow_redirects=True)
        assert world.harbor.name not in answer.text
        assert answer.request.host == CEDAR_HOST
    assert client.get("/harbor/", base_url=OWN).status_code == 404
    assert client.get("/sign-in", base_url=OWN).status_code == 200


def test_the_shared_host_alone_is_nobodys(client: FlaskClient, world: World) -> None:
    for path in ("/", "/sign-in", "/nobody/", "/nobody/sign-in"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert world.harbor.name not in answer.text
        assert world.cedar.name not in answer.text


def test_forwarded_hosts_count_for_nothing(app: Flask, settings: Settings, world: World) -> None:
    """Proxies pass the host on in Host; nobody else is asked."""
    forged = {"X-Forwarded-Host": CEDAR_HOST, "Forwarded": f"host={CEDAR_HOST}", "X-Original-Host": CEDAR_HOST}
    for portal in (app, create_app(settings.model_copy(update={"proxies": 1}))):
        answer = portal.test_client().get("/harbor/programs/1", headers=forged)
        assert answer.location == "/harbor/sign-in?next=/programs/1"
        assert world.cedar.name not in portal.test_client().get("/harbor/", headers=forged).text
        assert portal.test_client().get("/", headers={"Host": "evil.example", **forged}).status_code == 400


def test_a_proxy_is_believed_only_where_one_is_configured(settings: Settings, world: World) -> None:
    says = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    for proxies, ip in ((0, "127.0.0.1"), (1, "203.0.113.9")):
        portal = create_app(settings.model_copy(update={"proxies": proxies}))
        seen: list[str | None] = []
        portal.before_request(lambda seen=seen: seen.append(request.remote_addr))
        assert "Strict-Transport-Security" not in portal.test_client().get("/harbor/", headers=says).headers
        assert seen == [ip]


@pytest.mark.parametrize("proxies", [0, 1])
def test_https_is_the_portals_own_word_whatever_a_proxy_says(settings: Settings, world: World, proxies: int) -> None:
    secure = {"base_url": "https://localhost", "proxies": proxies}
    client = create_app(settings.model_copy(update=secure)).test_client()
    for path in ("/harbor/", "/harbor/nothing", "/healthz", "/nobody/"):
        answer = client.get(path, headers={"X-Forwarded-Proto": "http"})
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_links_in_mails_lead_to_the_agencys_own_host(app: Flask, world: World) -> None:
    links = services_of(app).links
    assert links.url(world.cedar, "link.pay", token="t") == f"{OWN}/pay/t"
    assert links.url(world.harbor, "link.pay", token="t") == "http://localhost/harbor/pay/t"
    Visitor(app, world.cedar).post("/sign-in", email=world.cleo.email)
    assert newest_mail(app, world.cedar).email == world.cleo.email
