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

from portal.agencies.keys import ProcessorKeys, pause_account, set_keys
from portal.app import create_app
from portal.core.tenancy import reading_global, writing
from portal.payments.models import GatewayEvent
from portal.sandbox.stripe.server import Running
from portal.settings import Settings
from tests.factories.desk import WEBHOOK_SECRET, Desk, open_desk
from tests.factories.people import BOX, FERNET, make_agency


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


@pytest.fixture
def client(settings: Settings, desk: Desk) -> FlaskClient:
    app: Flask = create_app(settings.model_copy(update={"encryption_keys": SecretStr(FERNET)}))
    return app.test_client()


def announce(
    client: FlaskClient,
    desk: Desk,
    secret: str = WEBHOOK_SECRET,
    is_live: bool = False,
    about: dict[str, str] | None = None,
    seconds_ago: int = 0,
) -> int:
    body = json.dumps(
        {
            "id": "evt_1",
            "type": "payment_intent.succeeded",
            "created": 1,
            "livemode": is_live,
            "data": {"object": {"id": "pi_1"} if about is None else about},
        }
    )
    at = int(time.time()) - seconds_ago
    signature = hmac.new(secret.encode(), f"{at}.{body}".encode(), sha256).hexdigest()
    return post(client, desk, body, f"t={at},v1={signature}")


def post(client: FlaskClient, desk: Desk, body: str, signature: str) -> int:
    headers = {"Stripe-Signature": signature} if signature else {}
    return client.post(f"/{desk.agency.slug}/webhooks/processor", data=body, headers=headers).status_code


def kept(desk: Desk) -> list[tuple[str, str]]:
    with reading_global(desk.till.engine) as session:
        return list(session.execute(select(GatewayEvent.account, GatewayEvent.object_id)))


def test_a_signed_event_is_kept_once(client: FlaskClient, desk: Desk) -> None:
    assert [announce(client, desk) for _ in range(3)] == [200, 200, 200]
    assert kept(desk) == [(desk.till.account, "pi_1")]


def test_a_forged_event_is_refused(client: FlaskClient, desk: Desk) -> None:
    assert announce(client, desk, secret="whsec_guessed") == 400
    assert kept(desk) == []


def test_an_event_of_the_wrong_mode_is_answered_and_ignored(client: FlaskClient, desk: Desk) -> None:
    assert announce(client, desk, is_live=True) == 200
    assert kept(desk) == []


def test_what_another_agency_was_sent_is_refused(client: FlaskClient, desk: Desk) -> None:
    """Each agency has a secret of its own: the neighbour's signature is worth nothing here."""
    neighbour = make_agency(desk.till.engine, "neighbour")
    keys = ProcessorKeys("acct_n", "pk_test_n", "sk_test_n", ("whsec_of_the_neighbour",))
    with writing(desk.till.engine, neighbour.id) as session:
        set_keys(session, BOX, keys)
    assert announce(client, desk, secret="whsec_of_the_neighbour") == 400
    assert kept(desk) == []


def test_both_secrets_count_while_they_are_exchanged(client: FlaskClient, desk: Desk) -> None:
    account = desk.till.account
    keys = ProcessorKeys(account, f"pk_test_{account}", f"sk_test_{account}", ("whsec_new", WEBHOOK_SECRET))
    with desk.till.writing() as session:
        set_keys(session, BOX, keys)
    assert announce(client, desk) == 200
    assert announce(client, desk, secret="whsec_new") == 200


def test_an_old_signature_none_and_one_of_another_body_are_refused(client: FlaskClient, desk: Desk) -> None:
    assert announce(client, desk, seconds_ago=301) == 400
    assert post(client, desk, "{}", "") == 400
    assert post(client, desk, "{}", "t=now,v1=nonsense") == 400
    assert kept(desk) == []


def test_an_event_about_something_without_an_id_is_no_error(client: FlaskClient, desk: Desk) -> None:
    assert announce(client, desk, about={"object": "balance"}) == 200
    assert kept(desk) == [(desk.till.account, "")]


def test_what_happens_while_payments_are_paused_is_kept(client: FlaskClient, desk: Desk) -> None:
    with desk.till.writing() as session:
        pause_account(session, desk.clock())
    assert announce(client, desk) == 200
    assert kept(desk) == [(desk.till.account, "pi_1")]
