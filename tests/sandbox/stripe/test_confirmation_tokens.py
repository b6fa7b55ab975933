"""ConfirmationTokens: what they tell before the payment, and that one confirm spends them."""

import pytest
from stripe import CardError, InvalidRequestError, StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.paying import books, challenge, confirm, control, intent, token


def test_the_preview_tells_brand_funding_and_last_four(client: StripeClient) -> None:
    read = client.v1.confirmation_tokens.retrieve(token(client, "pm_card_visa_debit"))
    preview = read.payment_method_preview
    assert preview.type == "card"
    assert (preview.card.brand, preview.card.funding, preview.card.last4) == ("visa", "debit", "5556")
    assert (preview.card.exp_month, preview.card.exp_year) == (12, 2034)
    assert read.expires_at == read.created + 12 * 3600


@pytest.mark.parametrize("card", ["pm_card_visa", "pm_card_visa_chargeDeclined", "pm_card_threeDSecure2Required"])
def test_any_confirm_spends_it(client: StripeClient, sandbox: Running, card: str) -> None:
    first, used = intent(client), token(client, card)
    try:
        waiting = confirm(client, first.id, used)
        if waiting.status == "requires_action":
            challenge(sandbox, waiting, "fail")
    except CardError:
        assert card == "pm_card_visa_chargeDeclined"
    for intent_id in (intent(client).id, intent(client).id):
        with pytest.raises(InvalidRequestError) as refused:
            confirm(client, intent_id, used)
        assert (refused.value.code, refused.value.param) == ("token_already_used", "confirmation_token")
    assert client.v1.confirmation_tokens.retrieve(used).payment_intent == first.id


def test_it_expires_after_twelve_hours(client: StripeClient, sandbox: Running) -> None:
    old = token(client)
    control(sandbox, "clock", {"advance_seconds": 12 * 3600})
    with pytest.raises(InvalidRequestError, match="has expired"):
        confirm(client, intent(client).id, old)
    assert books(sandbox)["charges"] == []


@pytest.mark.parametrize(("of_intent", "of_token"), [("off_session", None), (None, "off_session")])
def test_future_usage_must_agree(client: StripeClient, of_intent: str | None, of_token: str | None) -> None:
    created = intent(client, **({"setup_future_usage": of_intent} if of_intent else {}))
    made = token(client, **({"setup_future_usage": of_token} if of_token else {}))
    with pytest.raises(InvalidRequestError, match="does not match the expected setup_future_usage"):
        confirm(client, created.id, made)
    assert client.v1.confirmation_tokens.retrieve(made).payment_intent is None


def test_a_return_url_is_needed_from_request_or_token(client: StripeClient) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        client.v1.payment_intents.confirm(intent(client).id, {"confirmation_token": token(client)})
    assert refused.value.param == "return_url"
    carries_it = token(client, return_url="https://portal.example/return")
    paid = client.v1.payment_intents.confirm(intent(client).id, {"confirmation_token": carries_it})
    assert paid.status == "succeeded"


def test_an_unknown_token_is_refused(client: StripeClient) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        confirm(client, intent(client).id, "ctoken_unknown")
    assert (refused.value.http_status, refused.value.code) == (400, "resource_missing")
    with pytest.raises(InvalidRequestError) as missing:
        client.v1.confirmation_tokens.retrieve("ctoken_unknown")
    assert missing.value.http_status == 404
