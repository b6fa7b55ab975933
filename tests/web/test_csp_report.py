"""Reports of the content security policy: little of them is logged, and only so many."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from portal.web import csp_report

OLD_SHAPE = {
    "csp-report": {
        "document-uri": "https://pay.example.com/harbor/pay/SECRET-TOKEN?policy=CANARY",
        "referrer": "https://pay.example.com/CANARY",
        "violated-directive": "script-src-elem 'self'",
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://user:CANARY@Evil.example:8443/steal/CANARY?CANARY",
        "script-sample": "CANARY",
        "original-policy": "CANARY",
    }
}
NEW_SHAPE = {
    "type": "csp-violation",
    "url": "https://pay.example.com/harbor/pay/SECRET-TOKEN",
    "user_agent": "CANARY",
    "body": {"effectiveDirective": "img-src", "blockedURL": "inline", "sample": "CANARY", "sourceFile": "CANARY"},
}


@pytest.fixture(autouse=True)
def fresh_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csp_report, "_budget", csp_report.Budget(csp_report.MOST_A_MINUTE))


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path) -> str:
    """Nothing is stored, so one database is enough."""
    import shutil

    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "portal.db")
    return f"sqlite:///{tmp_path}/portal.db"


def send(client: FlaskClient, body: Any, kind: str = "application/csp-report") -> tuple[int, list[dict[str, Any]]]:
    """The answer's status, and what was logged."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with capture_logs() as logged:
        status = client.post("/csp-report", data=data, content_type=kind).status_code
    return status, [{key: line[key] for key in ("directive", "blocked")} for line in logged if "directive" in line]


def test_the_rule_and_the_site_are_logged_and_nothing_else(client: FlaskClient) -> None:
    assert send(client, OLD_SHAPE) == (204, [{"directive": "script-src-elem", "blocked": "https://evil.example:8443"}])
    assert send(client, [NEW_SHAPE], "application/reports+json") == (
        204,
        [{"directive": "img-src", "blocked": "inline"}],
    )
    with capture_logs() as logged:
        client.post("/csp-report", data=json.dumps(OLD_SHAPE), content_type="application/csp-report")
    assert "CANARY" not in repr(logged)
    assert "SECRET-TOKEN" not in repr(logged)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"7", b'"csp"', b'{"csp-report": 7}', b'[{"body": []}, 3]', b"\xff\xfe", b"[" * 5000],
)
def test_what_is_no_report_is_not_logged(client: FlaskClient, body: bytes) -> None:
    assert send(client, body) == (204, [])


def test_invented_words_do_not_reach_the_log(client: FlaskClient) -> None:
    forged = {"csp-report": {"effective-directive": "\nadmin signed in", "blocked-uri": "x://a\nb"}}
    assert send(client, forged) == (204, [{"directive": "other", "blocked": "other"}])
    forged = {"csp-report": {"effective-directive": ["script-src"], "blocked-uri": "http://[1"}}
    assert send(client, forged) == (204, [{"directive": "other", "blocked": "other"}])


def test_other_types_and_large_bodies_are_refused(client: FlaskClient) -> None:
    assert send(client, OLD_SHAPE, "application/json") == (415, [])
    assert send(client, b" " * (csp_report.LARGEST + 1)) == (413, [])
    assert client.get("/csp-report").status_code == 405


def test_only_so_many_are_logged(client: FlaskClient) -> None:
    many = [NEW_SHAPE] * 50
    sizes = [len(send(client, many, "application/reports+json")[1]) for _ in range(8)]
    assert sizes == [10, 10, 10, 10, 10, 10, 0, 0]


def test_the_budget_is_whole_again_after_a_minute() -> None:
    budget = csp_report.Budget(2)
    assert [budget.take(at) for at in (0, 1, 59, 60, 61, 62)] == [True, True, False, True, True, False]
