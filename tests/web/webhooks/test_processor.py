"""The webhook: signed events are kept once and answered at once; forged ones are not."""

import hmac
import json
import time
from hashlib import sha256

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import Engine, select

from portal.app import create_app
from portal.core.tenancy import reading_global
from portal.payments.models import GatewayEvent
from portal.sandbox.stripe.server import Running
from portal.settings import Settings
from tests.factories.desk import FERNET, WEBHOOK_SECRET, Desk, open_desk


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


@pytest.fixture
def client(settings: Settings, desk: Desk) -> FlaskClient:
    app: Flask = create_app(settings.model_copy(update={"encryption_keys": SecretStr(FERNET)}))
    return app.test_client()


def announce(client: FlaskClient, desk: Desk, secret: str = WEBHOOK_SECRET, is_live: bool = False) -> int:
    body = json.dumps(
        {
            "id": "evt_1",
            "type": "payment_intent.succeeded",
            "created": 1,
            "livemode": is_live,
            "data": {"object": {"id": "pi_1"}},
        }
    )
    now = int(time.time())
    signature = hmac.new(secret.encode(), f"{now}.{body}".encode(), sha256).hexdigest()
    return client.post(
        f"/{desk.agency.slug}/webhooks/processor", data=body, headers={"Stripe-Signature": f"t={now},v1={signature}"}
    ).status_code


def kept(desk: Desk) -> list[tuple[str, str]]:
    with reading_global(desk.till.engine) as session:
        return [row.tuple() for row in session.execute(select(GatewayEvent.account, GatewayEvent.object_id))]


def test_a_signed_event_is_kept_once(client: FlaskClient, desk: Desk) -> None:
    assert [announce(client, desk) for _ in range(3)] == [200, 200, 200]
    assert kept(desk) == [(desk.till.account, "pi_1")]


def test_a_forged_event_is_refused(client: FlaskClient, desk: Desk) -> None:
    assert announce(client, desk, secret="whsec_guessed") == 400
    assert kept(desk) == []


def test_an_event_of_the_wrong_mode_is_answered_and_ignored(client: FlaskClient, desk: Desk) -> None:
    assert announce(client, desk, is_live=True) == 200
    assert kept(desk) == []
