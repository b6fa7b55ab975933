"""What people enter and hold never reaches the logs: canaries in every address, form, cookie, header and error."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog
from flask import Flask

from portal.core.logs import configure_logs
from portal.web.guards import insured_only
from tests.web.security.addresses import addresses
from tests.web.security.holdings import World
from tests.web.visitor import Visitor, newest_mail

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that this process logs, as a deployment writes it."""
    before = structlog.get_config(), logging.getLogger().handlers
    stream = io.StringIO()
    configure_logs(stream)
    yield stream
    structlog.configure(**before[0])
    logging.getLogger().handlers = before[1]
    logging.captureWarnings(False)


def test_no_canary_reaches_the_logs(
    app: Flask, world: World, ana: Visitor, accountant: Visitor, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    headers = {"User-Agent": "CANARY-agent", "Referer": "http://localhost/CANARY", "X-Request-Id": "CANARY-id"}
    canaries = {
        world.ana.email, world.ana.policy_number, world.ana.link_token, world.ana.payment_token,
        newest_mail(app, world.harbor).link_token, "CANARY", "78701", "198.51.100",
        *(value for _, value in ana.cookies()),
    }  # fmt: skip
    for address in addresses(app):
        for visitor in ana, accountant:
            path = address.path(world.ana)
            visitor.get(f"{path}?q=CANARY&email={world.ana.email}", headers=headers)
            visitor.send(path, headers, policy_number=world.ana.policy_number, email=world.ana.email, code="CANARY")

    @insured_only
    def fail(program_id: int) -> None:
        raise RuntimeError(f"CANARY {program_id} {world.ana.email}")

    monkeypatch.setitem(app.view_functions, "insured.program", fail)
    assert ana.get(f"/programs/{world.ana.program_id}?CANARY", headers=headers).status_code == 500
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert len(lines) > 50
    assert {"request", "library"} <= {line["event"] for line in lines}
    errors = [line for line in lines if line.get("error")]
    assert errors and errors[-1]["error"] == "RuntimeError"
    for canary in canaries:  # the ZIP stands by chance among the digits of a moment
        assert not re.search(rf"(?<!\d){re.escape(canary)}(?!\d)", logged.getvalue()), canary


def test_a_requests_line_says_what_operators_need(world: World, ana: Visitor, logged: io.StringIO) -> None:
    answer = ana.get(f"/programs/{world.ana.program_id}")
    line = json.loads(logged.getvalue().splitlines()[-1])
    assert line.pop("ms") > 0
    assert line.pop("at")
    assert line == {
        "event": "request",
        "level": "info",
        "route": "insured.program",
        "method": "GET",
        "status": 200,
        "agency": world.harbor.slug,
        "request_id": answer.headers["X-Request-Id"],
    }


def test_a_refusal_is_a_line_too(world: World, ana: Visitor, logged: io.StringIO) -> None:
    ana.get("/admin/staff")
    ana.send(f"/pay/{world.ana.link_token}/submit", agreed="x")
    ana.get(f"/programs/{world.bob.program_id}")
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("admin.members", 404),
        ("link.submit", 403),
        ("insured.program", 404),
    ]


def test_a_probe_that_is_answered_well_is_no_line(ana: Visitor, logged: io.StringIO) -> None:
    """The proxy asks each second."""
    ana.app.test_client().get("/healthz")
    ana.app.test_client().get("/readyz")
    assert logged.getvalue() == ""
    ana.get("/")
    assert json.loads(logged.getvalue().splitlines()[-1])["event"] == "request"
