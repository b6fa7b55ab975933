"""Webhooks: signed, delivered until they are taken, and wrong in the ways that real ones are."""

import json
import re
from pathlib import Path

import pytest
from stripe import CardError, SignatureVerificationError, StripeClient

import portal.sandbox.stripe
from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.paying import challenge, control, intent, pay
from tests.sandbox.stripe.receiver import Receiver

A_PAYMENT = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def register(client: StripeClient, receiver: Receiver, *events: str) -> str:
    made = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": list(events or ("*",))})
    return str(made.secret)


def test_the_sdk_accepts_the_signature(client: StripeClient, receiver: Receiver) -> None:
    secret = register(client, receiver)
    paid = pay(client)
    assert receiver.wait_for(3) == A_PAYMENT
    body, signature = receiver.received[-1]
    event = client.construct_event(body, signature, secret)
    assert event.type == "payment_intent.succeeded"
    assert event.data.object["id"] == paid.id
    assert event.api_version == "2026-10-28.endive"
    with pytest.raises(SignatureVerificationError):
        client.construct_event(body, signature, "whsec_another")
    with pytest.raises(SignatureVerificationError):
        client.construct_event(body.replace(b"41250", b"1"), signature, secret)


def test_every_turn_of_a_payment_is_told(client: StripeClient, sandbox: Running, receiver: Receiver) -> None:
    register(client, receiver)
    with pytest.raises(CardError):
        pay(client, "pm_card_visa_chargeDeclined")
    assert receiver.wait_for(3) == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    challenge(sandbox, pay(client, "pm_card_threeDSecure2Required"), "complete")
    client.v1.payment_intents.cancel(intent(client).id)
    assert receiver.wait_for(9)[3:] == [
        "payment_intent.created",
        "payment_intent.requires_action",
        "charge.succeeded",
        "payment_intent.succeeded",
        "payment_intent.created",
        "payment_intent.canceled",
    ]


def test_every_event_is_one_that_the_sdk_knows(client: StripeClient, receiver: Receiver) -> None:
    source = "".join(
        path.read_text() for path in (Path(portal.sandbox.stripe.__file__).parent / "resources").glob("*.py")
    )
    emitted = sorted(set(re.findall(r'events\.emit\(\s*call, "([a-z_.]+)"', source)))
    assert len(emitted) > 25
    made = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": emitted})
    assert made.enabled_events == emitted


def test_only_the_events_asked_for(client: StripeClient, receiver: Receiver) -> None:
    register(client, receiver, "payment_intent.succeeded")
    pay(client)
    assert receiver.wait_for(1) == ["payment_intent.succeeded"]


def test_the_secret_is_shown_once(client: StripeClient, receiver: Receiver) -> None:
    assert register(client, receiver).startswith("whsec_")
    listed = client.v1.webhook_endpoints.list().data
    assert [endpoint.url for endpoint in listed] == [receiver.url]
    assert "secret" not in listed[0].to_dict()
    client.v1.webhook_endpoints.delete(listed[0].id)
    assert client.v1.webhook_endpoints.list().data == []


def test_delivered_again_until_taken(client: StripeClient, receiver: Receiver) -> None:
    register(client, receiver, "payment_intent.created")
    receiver.statuses = [500, 302]
    intent(client)
    receiver.wait_for(3)
    bodies = {json.loads(body)["id"] for body, _ in receiver.received}
    assert len(bodies) == 1


def test_a_receiver_that_is_down_gets_it_later(client: StripeClient, sandbox: Running, receiver: Receiver) -> None:
    down = Receiver()
    down.close()
    register(client, down)
    register(client, receiver)
    pay(client)
    assert receiver.wait_for(3) == A_PAYMENT
    pending = client.v1.events.list({"limit": 1}).data[0]
    assert pending.pending_webhooks == 1
    assert client.v1.events.list({"delivery_success": False}).data[0].id == pending.id
    assert client.v1.events.list({"delivery_success": True}).data == []


@pytest.mark.parametrize("kind", ["webhook_duplicate", "webhook_reorder", "webhook_lost", "webhook_late"])
def test_webhook_faults(client: StripeClient, sandbox: Running, receiver: Receiver, kind: str) -> None:
    register(client, receiver)
    control(sandbox, "faults", {"endpoint": "charge.succeeded", "kind": kind, "seconds": 3600})
    pay(client)
    created, charged, succeeded = A_PAYMENT
    expected = {
        "webhook_duplicate": [created, charged, charged, succeeded],
        "webhook_reorder": [created, succeeded, charged],
        "webhook_lost": [created, succeeded],
        "webhook_late": [created, succeeded],
    }[kind]
    assert receiver.wait_for(len(expected)) == expected
    if kind == "webhook_late":
        control(sandbox, "clock", {"advance_seconds": 3600})
        assert receiver.wait_for(3)[-1] == charged
    assert [event.type for event in client.v1.events.list().data] == A_PAYMENT[::-1]
