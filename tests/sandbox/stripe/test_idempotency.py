"""Idempotency keys: same question, same answer; for a day."""

import threading
import time

import pytest
from stripe import APIError, CardError, IdempotencyError, InvalidRequestError, StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.conftest import client_for
from tests.sandbox.stripe.paying import books, confirm, control, intent, token

PARAMS = {"amount": 5_000, "currency": "usd"}


def test_the_same_question_gets_the_kept_answer(client: StripeClient, sandbox: Running) -> None:
    first = client.v1.payment_intents.create(PARAMS, {"idempotency_key": "pi:1:1"})
    again = client.v1.payment_intents.create(PARAMS, {"idempotency_key": "pi:1:1"})
    assert again.to_dict() == first.to_dict()
    assert first.last_response.headers.get("Idempotent-Replayed") is None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert len(books(sandbox)["payment_intents"]) == 1


def test_other_parameters_are_refused(client: StripeClient) -> None:
    created = client.v1.payment_intents.create(PARAMS, {"idempotency_key": "k"})
    with pytest.raises(IdempotencyError, match="same parameters") as refused:
        client.v1.payment_intents.create({**PARAMS, "amount": 5_001}, {"idempotency_key": "k"})
    assert refused.value.http_status == 400
    with pytest.raises(IdempotencyError, match="same endpoint"):
        client.v1.payment_intents.cancel(created.id, {}, {"idempotency_key": "k"})


def test_a_decline_is_replayed_and_asks_the_bank_once(client: StripeClient, sandbox: Running) -> None:
    created, card = intent(client), token(client, "pm_card_visa_chargeDeclined")
    for _ in range(2):
        with pytest.raises(CardError):
            confirm(client, created.id, card, key="cf:1:1")
    assert len(books(sandbox)["charges"]) == 1


def test_a_success_is_replayed_and_charges_once(client: StripeClient, sandbox: Running) -> None:
    created, card = intent(client), token(client)
    assert [confirm(client, created.id, card, key="cf:1:1").status for _ in range(3)] == ["succeeded"] * 3
    assert books(sandbox)["charged_cents"] == 41_250


def test_a_refused_parameter_leaves_the_key_free(client: StripeClient) -> None:
    with pytest.raises(InvalidRequestError):
        client.v1.payment_intents.create({**PARAMS, "colour": "green"}, {"idempotency_key": "k"})
    assert client.v1.payment_intents.create(PARAMS, {"idempotency_key": "k"}).amount == 5_000


def test_keys_are_forgotten_after_a_day(client: StripeClient, sandbox: Running) -> None:
    first = client.v1.payment_intents.create(PARAMS, {"idempotency_key": "k"})
    control(sandbox, "clock", {"advance_seconds": 24 * 3600 - 60})
    assert client.v1.payment_intents.create(PARAMS, {"idempotency_key": "k"}).id == first.id
    control(sandbox, "clock", {"advance_seconds": 3600})
    assert client.v1.payment_intents.create(PARAMS, {"idempotency_key": "k"}).id != first.id


def test_a_key_in_use_is_a_conflict_until_the_first_call_is_through(client: StripeClient, sandbox: Running) -> None:
    control(sandbox, "faults", {"endpoint": "payment_intents.create", "kind": "late", "seconds": 0.5})
    created: list[str] = []

    def create() -> None:
        slow = client_for(sandbox).v1.payment_intents.create(PARAMS, {"idempotency_key": "k"})
        created.append(slow.id)

    first = threading.Thread(target=create)
    first.start()
    time.sleep(0.2)
    with pytest.raises(APIError) as refused:
        client.v1.payment_intents.create(PARAMS, {"idempotency_key": "k"})
    assert (refused.value.http_status, refused.value.error.code) == (409, "idempotency_key_in_use")
    first.join()
    assert client.v1.payment_intents.create(PARAMS, {"idempotency_key": "k"}).id == created[0]


def test_many_at_once_with_one_key_make_one_intent(sandbox: Running) -> None:
    outcomes: list[str] = []

    def create() -> None:
        try:
            outcomes.append(client_for(sandbox).v1.payment_intents.create(PARAMS, {"idempotency_key": "k"}).id)
        except APIError as refused:
            outcomes.append(str(refused.error.code))

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = [intent["id"] for intent in books(sandbox)["payment_intents"]]
    assert len(made) == 1
    assert set(outcomes) <= {"idempotency_key_in_use", *made}
