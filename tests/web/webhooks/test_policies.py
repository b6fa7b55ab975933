"""BindHQ's webhook: a signed one is kept once, answered at once, and does nothing but wake the job."""

import hmac
import json
import time
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import Engine, select

from portal.agencies.models import Agency
from portal.app import create_app
from portal.core.tenancy import reading, writing
from portal.policy_system.models import PolicyConnection, PolicyEvent
from portal.settings import Settings
from tests.factories.people import BOX, FERNET, make_agency
from tests.factories.policy_system import make_connection


@pytest.fixture
def agency(engine: Engine) -> Agency:
    made = make_agency(engine)
    with writing(engine, made.id) as session:
        make_connection(session, BOX)
        make_connection(session, BOX, webhook_secret="a newer secret")
    return made


@pytest.fixture
def client(settings: Settings, agency: Agency) -> FlaskClient:
    app: Flask = create_app(settings.model_copy(update={"encryption_keys": SecretStr(FERNET)}))
    return app.test_client()


def announce(client: FlaskClient, agency: Agency, **changes: Any) -> int:
    given = {"secret": "secret of mymga", "code": "mymga", "ago": 0, "id": None, "body": None} | changes
    event = {
        "id": "evt_1", "type": "policy.bound", "occurred_at": "2026-07-01T12:00:00Z", "client_code": "mymga",
        "object": {"type": "policy", "id": "10442"},
    }  # fmt: skip
    body = given["body"] or json.dumps(event)
    with reading(client.application.extensions["portal"].engine, agency.id) as session:
        number = session.scalars(select(PolicyConnection.id)).one()
    at = str(int(time.time()) - given["ago"])
    mark = hmac.new(given["secret"].encode(), f"{at}.{body}".encode(), sha256).hexdigest()
    headers = {"X-BindHQ-Signature": f"t={at},v1={mark}", "X-BindHQ-Client-Code": given["code"]}
    address = f"/{agency.slug}/webhooks/bindhq/{given['id'] or number}"
    return client.post(address, data=body, headers=headers).status_code


def test_it_is_kept_once(client: FlaskClient, engine: Engine, agency: Agency) -> None:
    assert [announce(client, agency), announce(client, agency)] == [202, 200]
    assert announce(client, agency, secret="a newer secret") == 200
    with reading(engine, agency.id) as session:
        assert session.scalars(select(PolicyEvent.event_id)).all() == ["evt_1"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"secret": "forged"}, 401),
        ({"ago": 301}, 401),
        ({"code": "other"}, 401),
        ({"id": 99}, 401),
        ({"body": "{"}, 400),
    ],
    ids=["signature", "age", "client", "connection", "malformed"],
)
def test_it_is_refused(
    client: FlaskClient, engine: Engine, agency: Agency, changes: dict[str, Any], status: int
) -> None:
    assert announce(client, agency, **changes) == status
    with reading(engine, agency.id) as session:
        assert session.scalars(select(PolicyEvent.id)).all() == []
