"""The fault switches: what the caller sees, and what really happened."""

import time
from typing import Any

import pytest
from stripe import APIConnectionError, APIError, AuthenticationError, PermissionError, RateLimitError, StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.conftest import client_for
from tests.sandbox.stripe.paying import books, confirm, control, intent, pay, token


def switch(sandbox: Running, kind: str, endpoint: str = "payment_intents.confirm", **options: Any) -> None:
    control(sandbox, "faults", {"endpoint": endpoint, "kind": kind, **options})


@pytest.mark.parametrize(("kind", "charged_cents"), [("error_before", 0), ("error_after", 41_250)])
def test_a_500_is_kept_and_replayed(client: StripeClient, sandbox: Running, kind: str, charged_cents: int) -> None:
    created, card = intent(client), token(client)
    switch(sandbox, kind)
    for replayed in (None, "true", "true"):
        with pytest.raises(APIError) as failed:
            confirm(client, created.id, card, key="cf:1:1")
        assert failed.value.http_status == 500
        assert failed.value.error.type == "api_error"
        assert failed.value.headers.get("Idempotent-Replayed") == replayed
    assert books(sandbox)["charged_cents"] == charged_cents
    status = client.v1.payment_intents.retrieve(created.id).status
    assert status == ("succeeded" if charged_cents else "requires_payment_method")


def test_another_key_gets_past_a_kept_500(client: StripeClient, sandbox: Running) -> None:
    created, card = intent(client), token(client)
    switch(sandbox, "error_before")
    with pytest.raises(APIError):
        confirm(client, created.id, card, key="cf:1:1")
    assert confirm(client, created.id, card, key="cf:1:2").status == "succeeded"


@pytest.mark.parametrize(
    ("kind", "error", "status", "code"),
    [
        ("rate_limit", RateLimitError, 429, "rate_limit"),
        ("lock_timeout", RateLimitError, 429, "lock_timeout"),
        ("conflict", APIError, 409, "idempotency_key_in_use"),
        ("unauthorized", AuthenticationError, 401, "api_key_expired"),
        ("forbidden", PermissionError, 403, None),
    ],
)
def test_refusals_leave_everything_as_it_was(
    client: StripeClient, sandbox: Running, kind: str, error: type[APIError], status: int, code: str | None
) -> None:
    created, card = intent(client), token(client)
    switch(sandbox, kind)
    with pytest.raises(error) as refused:
        confirm(client, created.id, card, key="cf:1:1")
    assert refused.value.http_status == status
    assert refused.value.json_body["error"].get("code") == code
    assert confirm(client, created.id, card, key="cf:1:1").status == "succeeded"


@pytest.mark.parametrize(
    ("kind", "then"), [("timeout_before", "requires_payment_method"), ("timeout_after", "succeeded")]
)
def test_a_time_out_says_nothing_about_what_happened(
    client: StripeClient, sandbox: Running, kind: str, then: str
) -> None:
    created, card = intent(client), token(client)
    switch(sandbox, kind, seconds=30)
    with pytest.raises(APIConnectionError):
        confirm(client_for(sandbox, timeout_seconds=0.4), created.id, card, key="cf:1:1")
    assert client.v1.payment_intents.retrieve(created.id).status == then
    assert confirm(client, created.id, card, key="cf:1:1").status == "succeeded"
    assert books(sandbox)["charged_cents"] == 41_250


def test_a_late_request_acts_after_the_caller_gave_up(client: StripeClient, sandbox: Running) -> None:
    created, card = intent(client), token(client)
    switch(sandbox, "late", seconds=0.8)
    with pytest.raises(APIConnectionError):
        confirm(client_for(sandbox, timeout_seconds=0.2), created.id, card)
    assert client.v1.payment_intents.retrieve(created.id).status == "requires_payment_method"
    time.sleep(1)
    assert client.v1.payment_intents.retrieve(created.id).status == "succeeded"


def test_where_how_often_and_for_whom(client: StripeClient, sandbox: Running) -> None:
    switch(sandbox, "rate_limit", "payment_intents.*", count=2, skip=1, account="harbor")
    other = client_for(sandbox, "summit")
    outcomes = []
    for _ in range(4):
        intent(other)
        client.v1.customers.create({})
        try:
            intent(client)
            outcomes.append("ok")
        except RateLimitError:
            outcomes.append("429")
    assert outcomes == ["ok", "429", "429", "ok"]
    assert control(sandbox, "faults", method="GET")["faults"][0]["hits"] == 2


def test_faults_are_listed_and_cleared(client: StripeClient, sandbox: Running) -> None:
    switch(sandbox, "error_before", count=None)
    with pytest.raises(APIError):
        pay(client)
    assert len(control(sandbox, "faults", method="GET")["faults"]) == 1
    assert control(sandbox, "faults", method="DELETE") == {"faults": []}
    assert pay(client).status == "succeeded"
    with pytest.raises(OSError, match="400"):
        switch(sandbox, "earthquake")


def test_a_rate_limit_per_endpoint(client: StripeClient, sandbox: Running) -> None:
    created = intent(client)
    control(sandbox, "limits", {"per_second": 3})
    refused = 0
    for _ in range(6):
        try:
            client.v1.payment_intents.retrieve(created.id)
        except RateLimitError as limited:
            assert limited.headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"
            refused += 1
    assert refused >= 1
    assert client.v1.customers.create({}).id.startswith("cus_")
