"""Methods kept for later: by SetupIntent or while paying; verified by deposits; listed, changed, let go."""

from typing import Any

import pytest
from stripe import CardError, InvalidRequestError, SetupIntent, StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.paying import (
    DAY,
    RETURN_URL,
    books,
    confirm,
    control,
    debit,
    event_types,
    intent,
    send,
    token,
)

BANK: Any = {
    "type": "us_bank_account",
    "us_bank_account": {"routing_number": "110000000", "account_number": "000123456789"},
    "billing_details": {"name": "Ana Diaz"},
}


def customer(client: StripeClient) -> str:
    return client.v1.customers.create({"email": "ana@example.com"}).id


def kept(client: StripeClient, owner: str, method: str = "pm_card_visa", **options: Any) -> SetupIntent:
    """A SetupIntent for one method, confirmed."""
    given: Any = {"customer": owner, "payment_method_options": options} if options else {"customer": owner}
    created = client.v1.setup_intents.create(given)
    return client.v1.setup_intents.confirm(
        created.id, {"confirmation_token": token(client, method), "return_url": RETURN_URL}
    )


def off_session(client: StripeClient, owner: str, method: str) -> Any:
    made = intent(
        client, customer=owner, payment_method=method, allowed_payment_method_types=["card", "us_bank_account"]
    )
    return client.v1.payment_intents.confirm(made.id, {"off_session": True})


def test_a_card_is_kept_and_charged_later(client: StripeClient, sandbox: Running) -> None:
    owner = customer(client)
    done = kept(client, owner)
    assert (done.status, done.usage, done.last_setup_error) == ("succeeded", "off_session", None)
    assert books(sandbox)["charges"] == []
    assert off_session(client, owner, str(done.payment_method)).status == "succeeded"
    assert event_types(client)[:4] == [
        "customer.created",
        "setup_intent.created",
        "payment_method.attached",
        "setup_intent.succeeded",
    ]


def test_a_challenge_passed_once_spares_the_next(client: StripeClient, sandbox: Running) -> None:
    owner = customer(client)
    waiting = kept(client, owner, "pm_card_authenticationRequiredOnSetup")
    assert (waiting.status, waiting.next_action and waiting.next_action.type) == ("requires_action", "use_stripe_sdk")
    send(f"{sandbox.url}/challenge/{waiting.id}", {"client_secret": waiting.client_secret, "outcome": "complete"})
    done = client.v1.setup_intents.retrieve(waiting.id)
    assert done.status == "succeeded"
    assert off_session(client, owner, str(done.payment_method)).status == "succeeded"


def test_a_failed_challenge_keeps_nothing(client: StripeClient, sandbox: Running) -> None:
    owner = customer(client)
    waiting = kept(client, owner, "pm_card_threeDSecure2Required")
    send(f"{sandbox.url}/challenge/{waiting.id}", {"client_secret": waiting.client_secret, "outcome": "fail"})
    after = client.v1.setup_intents.retrieve(waiting.id)
    assert (after.status, after.last_setup_error.code) == (
        "requires_payment_method",
        "setup_intent_authentication_failure",
    )
    assert client.v1.payment_methods.list({"customer": owner}).data == []


def test_a_saved_card_that_always_asks_is_declined_off_session(client: StripeClient, sandbox: Running) -> None:
    owner = customer(client)
    waiting = kept(client, owner, "pm_card_threeDSecure2Required")
    send(f"{sandbox.url}/challenge/{waiting.id}", {"client_secret": waiting.client_secret, "outcome": "complete"})
    with pytest.raises(CardError) as refused:
        off_session(client, owner, str(client.v1.setup_intents.retrieve(waiting.id).payment_method))
    assert refused.value.code == "authentication_required"


def test_on_session_a_saved_card_asks_inside_the_page(client: StripeClient, sandbox: Running) -> None:
    owner = customer(client)
    waiting = kept(client, owner, "pm_card_threeDSecure2Required")
    send(f"{sandbox.url}/challenge/{waiting.id}", {"client_secret": waiting.client_secret, "outcome": "complete"})
    method = str(client.v1.setup_intents.retrieve(waiting.id).payment_method)
    made = intent(client, customer=owner)
    asks = client.v1.payment_intents.confirm(
        made.id, {"payment_method": method, "return_url": RETURN_URL, "use_stripe_sdk": True}
    )
    assert asks.next_action and asks.next_action.type == "use_stripe_sdk"


def test_a_declined_card_is_not_kept(client: StripeClient) -> None:
    with pytest.raises(CardError) as refused:
        kept(client, customer(client), "pm_card_visa_chargeDeclined")
    assert refused.value.error.setup_intent.status == "requires_payment_method"
    assert event_types(client)[-1] == "setup_intent.setup_failed"


@pytest.mark.parametrize("typed", [{"amounts": [32, 45]}, {"descriptor_code": "SM11AA"}])
def test_two_small_deposits_verify_an_account(client: StripeClient, sandbox: Running, typed: Any) -> None:
    owner = customer(client)
    waiting = kept(client, owner, "pm_usBankAccount_success")
    assert waiting.status == "requires_action"
    assert waiting.next_action and waiting.next_action.type == "verify_with_microdeposits"
    with pytest.raises(InvalidRequestError) as wrong:
        client.v1.setup_intents.verify_microdeposits(waiting.id, {"amounts": [1, 2]})
    assert wrong.value.code == "payment_method_microdeposit_verification_amounts_mismatch"
    done = client.v1.setup_intents.verify_microdeposits(waiting.id, typed)
    assert done.status == "succeeded"
    assert client.v1.mandates.retrieve(str(done.mandate)).type == "multi_use"
    paid = off_session(client, owner, str(done.payment_method))
    assert paid.status == "processing", "the mandate that was kept is enough"


def test_after_ten_wrong_tries_it_is_over(client: StripeClient) -> None:
    waiting = kept(client, customer(client), "pm_usBankAccount_success")
    codes = []
    for _ in range(10):
        with pytest.raises(InvalidRequestError) as wrong:
            client.v1.setup_intents.verify_microdeposits(waiting.id, {"amounts": [1, 2]})
        codes.append(str(wrong.value.code).rpartition("verification_")[2])
    assert codes == ["amounts_mismatch"] * 9 + ["attempts_exceeded"]
    assert client.v1.setup_intents.retrieve(waiting.id).status == "requires_payment_method"


@pytest.mark.parametrize(
    ("account", "days", "code"),
    [
        ("pm_usBankAccount_failMicrodeposits", 2, "payment_method_microdeposit_failed"),
        ("pm_usBankAccount_success", 10, "payment_method_microdeposit_verification_timeout"),
    ],
)
def test_deposits_bounce_or_run_out(client: StripeClient, sandbox: Running, account: str, days: int, code: str) -> None:
    waiting = kept(client, customer(client), account)
    control(sandbox, "clock", {"advance_seconds": days * DAY})
    after = client.v1.setup_intents.retrieve(waiting.id)
    assert (after.status, after.last_setup_error.code) == ("requires_payment_method", code)


def test_an_account_signed_in_to_needs_no_deposits(client: StripeClient) -> None:
    done = kept(
        client, customer(client), "pm_usBankAccount_success", us_bank_account={"verification_method": "instant"}
    )
    assert done.status == "succeeded"


def test_a_payment_that_must_be_verified_first(client: StripeClient) -> None:
    waiting = debit(client, payment_method_options={"us_bank_account": {"verification_method": "microdeposits"}})
    assert waiting.status == "requires_action"
    assert client.v1.payment_intents.verify_microdeposits(waiting.id, {"amounts": [32, 45]}).status == "processing"


def test_saving_while_paying(client: StripeClient) -> None:
    owner = customer(client)
    made = intent(client, customer=owner, setup_future_usage="off_session")
    paid = confirm(client, made.id, token(client, setup_future_usage="off_session"))
    (saved,) = client.v1.payment_methods.list({"customer": owner, "type": "card"}).data
    assert (saved.id, saved.customer) == (paid.payment_method, owner)
    (same,) = client.v1.customers.payment_methods.list(owner).data
    assert same.id == saved.id


def test_default_change_and_removal(client: StripeClient) -> None:
    owner, other = customer(client), customer(client)
    method = str(kept(client, owner).payment_method)
    with pytest.raises(InvalidRequestError, match="must be attached"):
        client.v1.customers.update(other, {"invoice_settings": {"default_payment_method": method}})
    changed = client.v1.customers.update(owner, {"invoice_settings": {"default_payment_method": method}})
    assert changed.invoice_settings.default_payment_method == method
    read = client.v1.customers.retrieve(owner, {"expand": ["invoice_settings.default_payment_method"]})
    assert read.invoice_settings.default_payment_method.card.last4 == "4242"
    client.v1.payment_methods.update(method, {"card": {"exp_month": 3, "exp_year": 2040}, "metadata": {"a": "b"}})
    assert client.v1.payment_methods.retrieve(method).card.exp_year == 2040
    assert client.v1.payment_methods.detach(method).customer is None
    assert client.v1.customers.retrieve(owner).invoice_settings.default_payment_method is None
    for again in (
        lambda: client.v1.payment_methods.attach(method, {"customer": owner}),
        lambda: client.v1.payment_methods.detach(method),
        lambda: off_session(client, owner, method),
    ):
        with pytest.raises(InvalidRequestError):
            again()


def test_attach_by_hand(client: StripeClient) -> None:
    owner = customer(client)
    assert client.v1.payment_methods.attach("pm_card_visa", {"customer": owner}).customer == owner
    with pytest.raises(CardError):
        client.v1.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": owner})
    unverified = client.v1.payment_methods.create(BANK)
    with pytest.raises(InvalidRequestError, match="must be verified"):
        client.v1.payment_methods.attach(unverified.id, {"customer": owner})
    mistyped = {**BANK, "us_bank_account": {"routing_number": "110000001", "account_number": "000123456789"}}
    with pytest.raises(InvalidRequestError) as refused:
        client.v1.payment_methods.create(mistyped)
    assert refused.value.code == "routing_number_invalid"


def test_a_returned_debit_blocks_the_account(client: StripeClient, sandbox: Running) -> None:
    owner = customer(client)
    done = kept(client, owner, "pm_usBankAccount_dispute", us_bank_account={"verification_method": "instant"})
    assert off_session(client, owner, str(done.payment_method)).status == "processing"
    control(sandbox, "clock", {"advance_seconds": 5 * DAY})
    assert client.v1.mandates.retrieve(str(done.mandate)).status == "inactive"
    with pytest.raises(InvalidRequestError) as refused:
        off_session(client, owner, str(done.payment_method))
    assert refused.value.code == "payment_method_bank_account_blocked"
