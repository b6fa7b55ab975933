"""A proxy gets certificates for the hosts of agencies, and for no others; nobody else may ask."""

from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.agencies.found import add_host
from portal.core.tenancy import writing_global
from portal.web import tls_ask
from portal.web.csp_report import Budget
from tests.factories.people import make_agency
from tests.web.visitor import engine_of, services_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PROXY = {"REMOTE_ADDR": "172.18.0.5"}


@pytest.fixture(autouse=True)
def agency(app: Flask) -> None:
    made = make_agency(engine_of(app), "acme")
    with writing_global(engine_of(app)) as session:
        add_host(session, made.id, "pay.acme.example")
    services_of(app).directory.forget()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("pay.acme.example", 200),
        ("PAY.Acme.example.", 200),
        ("localhost", 200),
        ("evil.example", 404),
        ("x.pay.acme.example", 404),
        ("acme", 404),
        ("", 404),
    ],
)
def test_certificates_are_for_hosts_that_are_served(client: FlaskClient, host: str, status: int) -> None:
    answer = client.get("/tls-ask", query_string={"domain": host}, headers={"Host": "web-1:8000"}, environ_base=PROXY)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "stranger",
    [
        {"REMOTE_ADDR": "198.51.100.9"},
        {"REMOTE_ADDR": ""},
        {**PROXY, "HTTP_X_FORWARDED_FOR": "198.51.100.9"},
        {**PROXY, "HTTP_FORWARDED": "for=198.51.100.9"},
    ],
)
def test_nobody_but_the_proxy_is_told(client: FlaskClient, stranger: dict[str, str]) -> None:
    assert client.get("/tls-ask?domain=pay.acme.example", environ_overrides=stranger).status_code == 404


def test_so_many_a_minute_and_no_more(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_ask, "_budget", Budget(3))
    monkeypatch.setattr(tls_ask, "time", SimpleNamespace(monotonic=lambda: 60.0))
    asked = [client.get("/tls-ask?domain=pay.acme.example", environ_base=PROXY).status_code for _ in range(4)]
    assert asked == [200, 200, 200, 429]
