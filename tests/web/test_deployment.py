"""Probes and numbers: for those who run the portal, and about nobody."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import text

from portal.app import create_app
from portal.core.db import make_engine
from portal.core.heartbeat import beat
from portal.core.outbox import enqueue
from portal.core.tenancy import writing, writing_global
from portal.settings import Settings
from portal.web.metrics import share_metrics
from tests.factories.people import BOX, make_agency, make_insured, make_invoice, make_payment_under_way
from tests.factories.policy_system import make_connection, make_import
from tests.web.visitor import engine_of, services_of

ANYBODY = {"REMOTE_ADDR": "198.51.100.9"}


@pytest.fixture
def app(settings: Settings) -> Flask:
    """A portal that has counted nothing yet."""
    return create_app(settings)


def gauges(client: FlaskClient, **more) -> dict[str, float]:
    lines = client.get("/metrics", **more).text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def test_the_process_answers_without_its_database(settings: Settings, tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path}/nowhere/portal.db"
    client = create_app(settings.model_copy(update={"database_url": nowhere})).test_client()
    assert (client.get("/healthz").status_code, client.get("/healthz").json) == (200, {"status": "ok"})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready", "database": "out of reach"})


def test_a_database_of_another_version_is_not_ready(client: FlaskClient, owner_url: str) -> None:
    assert client.get("/readyz").json == {"status": "ready", "database": "ok", "worker": "silent"}
    owner = make_engine(owner_url)
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    owner.dispose()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready", "database": "of another version"})


def test_a_silent_worker_is_said(app: Flask, client: FlaskClient) -> None:
    for ago, said in (0, "ok"), (120, "silent"), (10, "ok"):
        with writing_global(engine_of(app)) as session:
            beat(session, services_of(app).now() - timedelta(seconds=ago))
        assert client.get("/readyz").json == {"status": "ready", "database": "ok", "worker": said}


def test_load_balancers_may_ask_by_address(client: FlaskClient) -> None:
    for path in "/healthz", "/readyz", "/metrics":
        assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_the_numbers_say_what_waits_and_what_was_paid(app: Flask, client: FlaskClient) -> None:
    now = services_of(app).now()
    for slug in "one", "two":
        agency = make_agency(engine_of(app), slug)
        with writing(engine_of(app), agency.id) as session:
            insured = make_insured(session, f"canary@{slug}.example", name="CANARY LLC")
            make_payment_under_way(session, make_invoice(session, insured))
            enqueue(session, "mail.canary", "1", {}, now - timedelta(seconds=60))
    with writing_global(engine_of(app)) as session:
        beat(session, now - timedelta(seconds=30))
    client.get("/one/sign-in")
    client.get("/one/nothing-here")
    found = gauges(client)
    assert found['portal_payments{state="submitted"}'] == 2
    assert found["portal_outbox_waiting"] == 2
    assert 60 <= found["portal_outbox_oldest_seconds"] < 90
    assert found["portal_inbox_waiting"] == 0
    assert found["portal_payments_unclear_oldest_seconds"] > 0
    assert found["portal_accounts_closed"] == 0
    assert 30 <= found["portal_worker_heartbeat_seconds"] < 60
    assert found['portal_requests_total{method="GET",route="insured.sign_in",status="200"}'] == 1
    assert found['portal_requests_total{method="GET",route="none",status="404"}'] == 1
    assert found['portal_request_seconds_count{route="insured.sign_in"}'] == 1
    assert "CANARY" not in client.get("/metrics").text.upper()


def test_the_numbers_say_how_policy_systems_keep_up(app: Flask, client: FlaskClient) -> None:
    """All agencies together; the feed that has stood longest counts, and one that never answered stands too."""
    now = services_of(app).now()
    for slug, polled, trouble in ("one", 100, None), ("two", None, 3_600), ("three", None, None), ("off", 90_000, 9):
        agency = make_agency(engine_of(app), slug)
        with writing(engine_of(app), agency.id) as session:
            connection = make_connection(session, BOX)
            connection.is_enabled = slug != "off"
            connection.polled_at = now - timedelta(seconds=polled) if polled else None
            connection.trouble_since = now - timedelta(seconds=trouble) if trouble else None
            for number, state in enumerate(("queued", "processing", "failed", "imported")):
                make_import(session, f"{number}", state=state)
    found = gauges(client)
    assert 3_600 <= found["portal_policy_feed_seconds"] < 3_630
    assert found["portal_policy_systems_in_trouble"] == 1
    assert (found["portal_policy_imports_waiting"], found["portal_policy_imports_failed"]) == (8, 4)
    assert (found["portal_policy_receipts_waiting"], found["portal_policy_receipts_refused"]) == (0, 0)


def test_the_numbers_are_for_this_machine_alone(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_overrides=ANYBODY).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_the_numbers_are_for_who_has_the_token(settings: Settings) -> None:
    client = create_app(settings.model_copy(update={"metrics_token": SecretStr("of the tests")})).test_client()
    for given in "", "Bearer", "Bearer of the test", "Basic of the tests":
        assert client.get("/metrics", headers={"Authorization": given}).status_code == 404
    shown = client.get("/metrics", headers={"Authorization": "Bearer of the tests"}, environ_overrides=ANYBODY)
    assert shown.status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_web_processes_count_together(settings: Settings, tmp_path) -> None:
    counting = (
        "import sys; from pathlib import Path; from portal.web.metrics import share_metrics;"
        " share_metrics(Path(sys.argv[1])); from portal.app import create_app; from portal.settings import Settings;"
        " client = create_app(Settings()).test_client();"
        " [client.get('/healthz') for _ in range(int(sys.argv[2]))];"
        " print(client.get('/metrics').text)"
    )
    environment = {
        **os.environ,
        "PORTAL_MODE": "demo",
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_SECRET_KEY": settings.secret_key.get_secret_value(),
        "PORTAL_ENCRYPTION_KEYS": settings.encryption_keys.get_secret_value(),
        "PORTAL_BASE_URL": settings.base_url,
        "PORTAL_MAIL_FROM": settings.mail_from,
        "PORTAL_STRIPE_SANDBOX_URL": settings.stripe_sandbox_url,
    }
    folder = tmp_path / "metrics"
    holding = subprocess.Popen(
        [sys.executable, "-c", f"{counting}; sys.stdout.flush(); sys.stdin.read()", str(folder), "3"],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holding.stdin is not None
    assert holding.stdout is not None
    while "portal_worker" not in (line := holding.stdout.readline()) and "portal_inbox_oldest_seconds " not in line:
        assert line
    both = subprocess.run(
        [sys.executable, "-c", counting, str(folder), "2"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    holding.communicate("")
    assert 'portal_requests_total{method="GET",route="deployment.healthz",status="200"} 5.0' in both
    monkey = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    share_metrics(folder)
    assert list(folder.glob("*.db")) == []
    if monkey is None:
        del os.environ["PROMETHEUS_MULTIPROC_DIR"]
