"""What a portal does to take money: an intent, a token, a confirm."""

import json
import urllib.request
from typing import Any

from stripe import PaymentIntent, StripeClient

from portal.sandbox.stripe.server import Running

RETURN_URL = "https://portal.example/return"
DAY = 24 * 3600


def token(client: StripeClient, card: str = "pm_card_visa", **params: Any) -> str:
    return client.v1.test_helpers.confirmation_tokens.create({"payment_method": card, **params}).id


def intent(client: StripeClient, amount: int = 41_250, **params: Any) -> PaymentIntent:
    return client.v1.payment_intents.create(
        {"amount": amount, "currency": "usd", "allowed_payment_method_types": ["card"], **params}
    )


def confirm(
    client: StripeClient, intent_id: str, token_id: str, key: str | None = None, **params: Any
) -> PaymentIntent:
    return client.v1.payment_intents.confirm(
        intent_id,
        {"confirmation_token": token_id, "return_url": RETURN_URL, **params},
        {"idempotency_key": key} if key else None,
    )


def pay(client: StripeClient, card: str = "pm_card_visa", amount: int = 41_250, **params: Any) -> PaymentIntent:
    return confirm(client, intent(client, amount, **params).id, token(client, card))


def control(running: Running, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
    """Press a button of the sandbox: `control(running, "clock", {"advance_seconds": 60})`."""
    return send(f"{running.url}/sandbox/{path}", body, method)


def send(url: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
    request = urllib.request.Request(
        url,
        data=None if method in ("GET", "DELETE") else json.dumps(body or {}).encode(),
        method=method,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def books(running: Running, account: str = "harbor", *lists: str) -> Any:
    """The processor's books of an account: these lists of them, or all."""
    asked = "".join(f"&list={name}" for name in lists)
    return control(running, f"books?account={account}{asked}", method="GET")["accounts"].get(account)


def challenge(running: Running, waiting: PaymentIntent, outcome: str) -> Any:
    """Press a button of the bank's 3-D Secure page."""
    url = f"{running.url}/challenge/{waiting.id}"
    return send(url, {"client_secret": waiting.client_secret, "outcome": outcome})


def debit_intent(client: StripeClient, amount: int = 41_250, **params: Any) -> PaymentIntent:
    """An intent for a bank account that its payer signs in to."""
    given = {
        "allowed_payment_method_types": ["us_bank_account"],
        "payment_method_options": {"us_bank_account": {"verification_method": "instant"}},
        **params,
    }
    return intent(client, amount, **given)


def debit(
    client: StripeClient, account: str = "pm_usBankAccount_success", amount: int = 41_250, **params: Any
) -> PaymentIntent:
    return confirm(client, debit_intent(client, amount, **params).id, token(client, account))


def event_types(client: StripeClient) -> list[str]:
    """What happened, oldest first."""
    return [event.type for event in client.v1.events.list({"limit": 100}).data][::-1]
