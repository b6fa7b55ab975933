"""Keys and accounts: nobody sees another's; the publishable key may do little."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest
from stripe import AuthenticationError, InvalidRequestError, PermissionError, StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.conftest import client_for
from tests.sandbox.stripe.paying import books, confirm, intent, pay, token

CARD = {
    "payment_method_data[type]": "card",
    "payment_method_data[card][number]": "5555 5555 5555 4444",
    "payment_method_data[card][exp_month]": "11",
    "payment_method_data[card][exp_year]": "2034",
    "payment_method_data[card][cvc]": "123",
    "payment_method_data[billing_details][address][postal_code]": "33101",
    "client_context[mode]": "payment",
    "client_context[currency]": "usd",
}


def from_browser(
    sandbox: Running, path: str, form: dict[str, str] | None = None, account: str = "harbor"
) -> tuple[int, Any]:
    """What Stripe.js sends: the publishable key, no SDK."""
    request = urllib.request.Request(
        f"{sandbox.url}/v1/{path}",
        data=urllib.parse.urlencode(form).encode() if form else None,
        headers={"Authorization": f"Bearer pk_test_sandbox_{account}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)["error"]


@pytest.mark.parametrize("key", ["sk_test_other", "sk_live_sandbox_harbor", "nonsense"])
def test_other_keys_are_refused(sandbox: Running, key: str) -> None:
    with pytest.raises(AuthenticationError) as refused:
        StripeClient(key, base_addresses={"api": sandbox.url}).v1.customers.create({})
    assert refused.value.http_status == 401
    assert refused.value.error.type == "invalid_request_error"


def test_accounts_are_apart(sandbox: Running, client: StripeClient) -> None:
    other = client_for(sandbox, "summit")
    ours, customer = pay(client), client.v1.customers.create({"email": "a@example.com"})
    for read in (
        lambda: other.v1.payment_intents.retrieve(ours.id),
        lambda: other.v1.payment_intents.cancel(ours.id),
        lambda: other.v1.charges.retrieve(ours.latest_charge),
        lambda: other.v1.customers.retrieve(customer.id),
    ):
        with pytest.raises(InvalidRequestError) as refused:
            read()
        assert refused.value.http_status == 404
    with pytest.raises(InvalidRequestError):
        confirm(client, intent(client).id, token(other))
    assert other.v1.events.list().data == []
    first = other.v1.payment_intents.create({"amount": 100, "currency": "usd"}, {"idempotency_key": "k"})
    second = client.v1.payment_intents.create({"amount": 200, "currency": "usd"}, {"idempotency_key": "k"})
    assert (first.amount, second.amount) == (100, 200)
    assert books(sandbox, "summit")["charged_cents"] == 0
    assert books(sandbox, "harbor")["charged_cents"] == 41_250


def test_a_token_from_the_browser_pays(sandbox: Running, client: StripeClient) -> None:
    status, made = from_browser(sandbox, "confirmation_tokens", CARD)
    assert status == 200
    preview = client.v1.confirmation_tokens.retrieve(made["id"]).payment_method_preview
    assert (preview.card.brand, preview.card.exp_month, preview.card.exp_year) == ("mastercard", 11, 2034)
    assert preview.billing_details.address.postal_code == "33101"
    assert "5555555555554444" not in json.dumps(made)
    assert confirm(client, intent(client).id, made["id"]).status == "succeeded"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("number", "4242424242424241", "incorrect_number"),
        ("number", "4111111111111111", "card_declined"),
        ("exp_year", "2020", "invalid_expiry_year"),
        ("exp_month", "13", "invalid_expiry_month"),
        ("cvc", "1", "invalid_cvc"),
    ],
)
def test_a_mistyped_card_makes_no_token(sandbox: Running, field: str, value: str, code: str) -> None:
    name = f"payment_method_data[card][{field}]"
    assert from_browser(sandbox, "confirmation_tokens", {**CARD, name: value})[1]["code"] == code


def test_elements_and_intent_must_agree_on_the_currency(sandbox: Running, client: StripeClient) -> None:
    _, made = from_browser(sandbox, "confirmation_tokens", {**CARD, "client_context[currency]": "cad"})
    with pytest.raises(InvalidRequestError, match="does not match the expected currency"):
        confirm(client, intent(client).id, made["id"])


def test_a_browser_reads_one_intent_by_its_secret(sandbox: Running, client: StripeClient) -> None:
    created = intent(client, metadata={"agency_id": "7"})
    query = urllib.parse.urlencode({"client_secret": created.client_secret})
    status, seen = from_browser(sandbox, f"payment_intents/{created.id}?{query}")
    assert (status, seen["status"]) == (200, "requires_payment_method")
    assert "metadata" not in seen
    assert from_browser(sandbox, f"payment_intents/{created.id}")[0] == 400
    assert from_browser(sandbox, f"payment_intents/{created.id}?client_secret=guess")[0] == 400


def test_the_publishable_key_moves_no_money(sandbox: Running) -> None:
    browser = StripeClient("pk_test_sandbox_harbor", base_addresses={"api": sandbox.url})
    with pytest.raises(PermissionError) as refused:
        browser.v1.payment_intents.create({"amount": 100, "currency": "usd"})
    assert refused.value.code is None
    assert refused.value.json_body["error"]["code"] == "secret_key_required"
