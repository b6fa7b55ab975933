"""A PaymentIntent's life: created, confirmed, authenticated, declined, canceled; charged at most once."""

import pytest
from stripe import CardError, InvalidRequestError, StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.paying import books, challenge, confirm, intent, pay, token


def test_a_new_intent_waits_and_has_no_error(client: StripeClient) -> None:
    created = intent(client, metadata={"agency_id": "7", "payment_id": "42"})
    assert created.status == "requires_payment_method"
    assert created.last_payment_error is None
    assert created.latest_charge is None
    assert created.metadata.to_dict() == {"agency_id": "7", "payment_id": "42"}
    assert client.v1.payment_intents.retrieve(created.id).to_dict() == created.to_dict()


@pytest.mark.parametrize(
    ("card", "brand", "funding", "last4"),
    [
        ("pm_card_visa", "visa", "credit", "4242"),
        ("pm_card_mastercard", "mastercard", "credit", "4444"),
        ("pm_card_visa_debit", "visa", "debit", "5556"),
        ("pm_card_mastercard_prepaid", "mastercard", "prepaid", "5100"),
    ],
)
def test_good_cards_are_charged(client: StripeClient, card: str, brand: str, funding: str, last4: str) -> None:
    paid = pay(client, card, 42_694)
    assert paid.status == "succeeded"
    assert paid.amount_received == 42_694
    charge = client.v1.charges.retrieve(paid.latest_charge, {"expand": ["balance_transaction"]})
    assert (charge.status, charge.amount_captured, charge.payment_intent) == ("succeeded", 42_694, paid.id)
    shown = charge.payment_method_details.card
    assert (shown.brand, shown.funding, shown.last4) == (brand, funding, last4)
    # 2.9 % of $426.94 is $12.38, and 30 cents.
    assert charge.balance_transaction.fee == 1_268
    assert charge.balance_transaction.net == 42_694 - 1_268
    assert client.v1.payment_methods.retrieve(paid.payment_method).card.last4 == last4


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    ],
)
def test_a_decline_is_a_402_and_the_intent_says_why(
    client: StripeClient, sandbox: Running, card: str, code: str, decline_code: str
) -> None:
    created = intent(client)
    with pytest.raises(CardError) as refused:
        confirm(client, created.id, token(client, card))
    error = refused.value.error
    assert refused.value.http_status == 402
    assert (error.type, error.code, error.decline_code) == ("card_error", code, decline_code)
    assert error.payment_intent.id == created.id
    after = client.v1.payment_intents.retrieve(created.id)
    assert after.status == "requires_payment_method"
    assert after.last_payment_error.code == code
    assert after.last_payment_error.payment_method.card.brand == "visa"
    assert client.v1.charges.retrieve(after.latest_charge).status == "failed"
    assert books(sandbox)["charged_cents"] == 0


def test_after_a_decline_another_card_can_pay(client: StripeClient) -> None:
    created = intent(client)
    with pytest.raises(CardError):
        confirm(client, created.id, token(client, "pm_card_visa_chargeDeclined"))
    paid = confirm(client, created.id, token(client))
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)


@pytest.mark.parametrize("card", ["pm_card_threeDSecure2Required", "pm_card_authenticationRequiredOnSetup"])
def test_3d_secure_completed_charges(client: StripeClient, sandbox: Running, card: str) -> None:
    waiting = pay(client, card)
    assert waiting.status == "requires_action"
    assert waiting.next_action.type == "use_stripe_sdk"
    assert books(sandbox)["charged_cents"] == 0
    challenge(sandbox, waiting, "complete")
    paid = client.v1.payment_intents.retrieve(waiting.id, {"expand": ["latest_charge"]})
    assert paid.status == "succeeded"
    assert paid.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"
    assert books(sandbox)["charged_cents"] == 41_250


def test_3d_secure_failed_charges_nothing(client: StripeClient, sandbox: Running) -> None:
    waiting = pay(client, "pm_card_threeDSecure2Required")
    challenge(sandbox, waiting, "fail")
    after = client.v1.payment_intents.retrieve(waiting.id)
    assert after.status == "requires_payment_method"
    assert after.last_payment_error.code == "payment_intent_authentication_failure"
    assert books(sandbox)["charges"] == []


def test_without_stripe_js_3d_secure_is_a_redirect(client: StripeClient) -> None:
    waiting = confirm(client, intent(client).id, token(client, "pm_card_threeDSecure2Required"), use_stripe_sdk=False)
    assert waiting.next_action.type == "redirect_to_url"
    assert waiting.next_action.redirect_to_url.return_url == "https://portal.example/return"


def test_off_session_a_card_that_wants_its_holder_is_declined(client: StripeClient) -> None:
    created = intent(client, payment_method="pm_card_threeDSecure2Required")
    assert created.status == "requires_confirmation"
    with pytest.raises(CardError) as refused:
        client.v1.payment_intents.confirm(created.id, {"off_session": True})
    assert refused.value.code == "authentication_required"


def test_an_intent_charges_at_most_once(client: StripeClient, sandbox: Running) -> None:
    paid = pay(client)
    with pytest.raises(InvalidRequestError) as refused:
        confirm(client, paid.id, token(client))
    assert refused.value.code == "payment_intent_unexpected_state"
    assert refused.value.error.payment_intent.status == "succeeded"
    assert len(books(sandbox)["charges"]) == 1


def test_cancel_before_success_only(client: StripeClient) -> None:
    created = intent(client)
    canceled = client.v1.payment_intents.cancel(created.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    for refused_call in (
        lambda: client.v1.payment_intents.cancel(created.id),
        lambda: confirm(client, created.id, token(client)),
        lambda: client.v1.payment_intents.cancel(pay(client).id),
    ):
        with pytest.raises(InvalidRequestError) as refused:
            refused_call()
        assert refused.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize("card", ["pm_card_visa_chargeDeclined", "pm_card_threeDSecure2Required"])
def test_a_declined_or_waiting_intent_can_be_canceled(client: StripeClient, card: str) -> None:
    created = intent(client)
    try:
        confirm(client, created.id, token(client, card))
    except CardError:
        assert card == "pm_card_visa_chargeDeclined"
    assert client.v1.payment_intents.cancel(created.id).status == "canceled"


def test_a_canceled_intent_answers_no_challenge(client: StripeClient, sandbox: Running) -> None:
    waiting = pay(client, "pm_card_threeDSecure2Required")
    client.v1.payment_intents.cancel(waiting.id)
    with pytest.raises(OSError, match="400"):
        challenge(sandbox, waiting, "complete")
    assert books(sandbox)["charges"] == []


def test_manual_capture_is_authorized_only(client: StripeClient, sandbox: Running) -> None:
    paid = pay(client, capture_method="manual")
    assert (paid.status, paid.amount_capturable, paid.amount_received) == ("requires_capture", 41_250, 0)
    assert books(sandbox)["charged_cents"] == 0


def test_a_saved_card_pays_again_for_its_customer_only(client: StripeClient) -> None:
    customer = client.v1.customers.create({"email": "insured@example.com"}).id
    first = intent(client, customer=customer, setup_future_usage="off_session")
    paid = confirm(client, first.id, token(client, setup_future_usage="off_session"))
    again = intent(client, customer=customer, payment_method=paid.payment_method)
    assert client.v1.payment_intents.confirm(again.id, {"off_session": True}).status == "succeeded"
    with pytest.raises(InvalidRequestError, match="belongs to Customer"):
        intent(client, payment_method=paid.payment_method)


def test_a_card_that_was_not_saved_pays_once(client: StripeClient) -> None:
    paid = pay(client)
    with pytest.raises(InvalidRequestError, match="may not be used again"):
        intent(client, payment_method=paid.payment_method)


def test_lists_go_by_page_and_filter(client: StripeClient) -> None:
    customer = client.v1.customers.create({"name": "Ana"}).id
    ours = [pay(client, customer=customer).id for _ in range(3)]
    pay(client)
    page = client.v1.payment_intents.list({"customer": customer, "limit": 2})
    assert page.has_more
    assert [listed.id for listed in page.auto_paging_iter()] == ours[::-1]
    charges = client.v1.charges.list({"payment_intent": ours[0]})
    assert [charge.payment_intent for charge in charges.data] == [ours[0]]
    moved = client.v1.balance_transactions.list({"source": charges.data[0].id})
    assert [transaction.amount for transaction in moved.data] == [41_250]
