"""Bank debits: pending for days, then paid or failed; returned after they had succeeded."""

from typing import Any

import pytest
from stripe import InvalidRequestError, PaymentIntent, StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.paying import (
    DAY,
    RETURN_URL,
    books,
    confirm,
    control,
    debit,
    debit_intent,
    event_types,
    token,
)


@pytest.mark.parametrize("by", ["clock", "console"])
def test_a_debit_is_processing_until_it_settles(client: StripeClient, sandbox: Running, by: str) -> None:
    sent = debit(client, amount=41_250)
    assert (sent.status, sent.amount_received, sent.last_payment_error) == ("processing", 0, None)
    charge = client.v1.charges.retrieve(sent.latest_charge, {"expand": ["balance_transaction"]})
    assert (charge.status, charge.paid, charge.id[:3]) == ("pending", False, "py_")
    # 0.8 % of $412.50.
    assert (charge.balance_transaction.type, charge.balance_transaction.fee) == ("payment", 330)
    assert charge.balance_transaction.status == "pending"
    assert books(sandbox)["charged_cents"] == 0
    if by == "clock":
        control(sandbox, "clock", {"advance_seconds": 3 * DAY})
        assert client.v1.payment_intents.retrieve(sent.id).status == "processing"
        control(sandbox, "clock", {"advance_seconds": DAY})
    else:
        control(sandbox, f"debits/{sent.id}/settle")
    paid = client.v1.payment_intents.retrieve(sent.id, {"expand": ["latest_charge"]})
    assert (paid.status, paid.amount_received) == ("succeeded", 41_250)
    assert (paid.latest_charge.status, paid.latest_charge.paid) == ("succeeded", True)
    assert books(sandbox)["charged_cents"] == 41_250
    assert event_types(client) == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def test_the_fee_is_five_dollars_at_most(client: StripeClient, sandbox: Running) -> None:
    debit(client, amount=1_000_000)
    assert books(sandbox)["balance_transactions"][0]["fee"] == 500


@pytest.mark.parametrize(
    ("account", "code", "network_code"),
    [
        ("pm_usBankAccount_accountClosed", "account_closed", "R02"),
        ("pm_usBankAccount_noAccount", "no_account", "R03"),
        ("pm_usBankAccount_insufficientFunds", "insufficient_funds", "R01"),
        ("pm_usBankAccount_debitNotAuthorized", "debit_not_authorized", "R10"),
    ],
)
def test_a_debit_that_fails_says_why_days_later(
    client: StripeClient, sandbox: Running, account: str, code: str, network_code: str
) -> None:
    sent = debit(client, account)
    assert sent.status == "processing"
    control(sandbox, "clock", {"advance_seconds": 4 * DAY})
    failed = client.v1.payment_intents.retrieve(sent.id)
    assert (failed.status, failed.amount_received) == ("requires_payment_method", 0)
    error = failed.last_payment_error
    assert (error.code, error.network_decline_code) == (code, network_code)
    assert error.payment_method.us_bank_account.last4
    charge = client.v1.charges.retrieve(sent.latest_charge, {"expand": ["failure_balance_transaction"]})
    assert (charge.status, charge.failure_code) == ("failed", code)
    assert charge.failure_balance_transaction.type == "payment_failure_refund"
    # What was pending is gone again; the fee for the failure stays.
    assert sum(moved["net"] for moved in books(sandbox)["balance_transactions"]) == -400
    assert books(sandbox)["charged_cents"] == 0
    assert event_types(client)[3:5] == ["charge.failed", "payment_intent.payment_failed"]


def test_the_console_fails_a_debit_with_a_code(client: StripeClient, sandbox: Running) -> None:
    sent = debit(client)
    control(sandbox, f"debits/{sent.id}/fail", {"code": "insufficient_funds"})
    assert client.v1.payment_intents.retrieve(sent.id).last_payment_error.code == "insufficient_funds"
    with pytest.raises(OSError, match="409"):
        control(sandbox, f"debits/{sent.id}/settle")
    with pytest.raises(OSError, match="400"):
        control(sandbox, f"debits/{sent.id}/fail", {"code": "weather"})


@pytest.mark.parametrize("by", ["clock", "console"])
def test_a_return_after_success_is_a_lost_dispute(client: StripeClient, sandbox: Running, by: str) -> None:
    sent = debit(client, "pm_usBankAccount_dispute" if by == "clock" else "pm_usBankAccount_success")
    control(sandbox, "clock", {"advance_seconds": 4 * DAY})
    assert client.v1.payment_intents.retrieve(sent.id).status == "succeeded"
    if by == "clock":
        control(sandbox, "clock", {"advance_seconds": DAY})
    else:
        control(sandbox, f"debits/{sent.id}/return")
    (dispute,) = client.v1.disputes.list({"payment_intent": sent.id}).data
    assert (dispute.status, dispute.reason, dispute.network_reason_code) == ("lost", "debit_not_authorized", "R10")
    (moved,) = dispute.balance_transactions
    assert (moved.type, moved.reporting_category) == ("adjustment", "dispute")
    assert (moved.amount, moved.fee, moved.net) == (-41_250, 1_500, -42_750)
    assert client.v1.payment_intents.retrieve(sent.id).status == "succeeded", "the payment stays what it was"
    charge = client.v1.charges.retrieve(sent.latest_charge)
    assert charge.disputed
    assert client.v1.mandates.retrieve(charge.payment_method_details.us_bank_account.mandate).status == "inactive"
    assert event_types(client)[-4:] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
        "mandate.updated",
    ]
    with pytest.raises(OSError, match="409"):
        control(sandbox, f"debits/{sent.id}/return")


def test_one_account_never_settles_by_itself_and_can_be_canceled(client: StripeClient, sandbox: Running) -> None:
    sent = debit(client, "pm_usBankAccount_processing")
    control(sandbox, "clock", {"advance_seconds": 60 * DAY})
    assert client.v1.payment_intents.retrieve(sent.id).status == "processing"
    assert client.v1.payment_intents.cancel(sent.id).status == "canceled"
    assert sum(moved["net"] for moved in books(sandbox)["balance_transactions"]) == 0


def test_the_mandate_keeps_who_agreed_and_when(client: StripeClient) -> None:
    created = debit_intent(client, payment_method="pm_usBankAccount_success")
    sent = client.v1.payment_intents.confirm(created.id, {"return_url": RETURN_URL, "mandate_data": ACCEPTED})
    charge = client.v1.charges.retrieve(
        sent.latest_charge, {"expand": ["payment_method_details.us_bank_account.mandate"]}
    )
    mandate = charge.payment_method_details.us_bank_account.mandate
    assert (mandate.status, mandate.type) == ("active", "single_use")
    assert mandate.single_use.amount == 41_250
    assert mandate.customer_acceptance.online.ip_address == "203.0.113.7"


ACCEPTED: Any = {
    "customer_acceptance": {"type": "online", "online": {"ip_address": "203.0.113.7", "user_agent": "Firefox"}}
}


def test_without_a_mandate_nothing_is_debited(client: StripeClient, sandbox: Running) -> None:
    created = debit_intent(client, payment_method="pm_usBankAccount_success")
    with pytest.raises(InvalidRequestError) as refused:
        client.v1.payment_intents.confirm(created.id, {"return_url": RETURN_URL})
    assert refused.value.code == "payment_intent_mandate_invalid"
    assert books(sandbox)["charges"] == []


def test_the_preview_tells_bank_and_last_four(client: StripeClient) -> None:
    read = client.v1.confirmation_tokens.retrieve(token(client, "pm_usBankAccount_success"))
    preview = read.payment_method_preview
    assert (preview.type, preview.us_bank_account.last4) == ("us_bank_account", "6789")
    assert preview.us_bank_account.routing_number == "110000000"
    assert read.mandate_data.customer_acceptance.type == "online"


def test_types_that_an_intent_does_not_allow_are_refused(client: StripeClient) -> None:
    cards_only: PaymentIntent = client.v1.payment_intents.create(
        {"amount": 5_000, "currency": "usd", "allowed_payment_method_types": ["card"]}
    )
    with pytest.raises(InvalidRequestError, match="not allowed for this PaymentIntent"):
        confirm(client, cards_only.id, token(client, "pm_usBankAccount_success"))
    in_canada = client.v1.payment_intents.create(
        {"amount": 5_000, "currency": "cad", "allowed_payment_method_types": ["card", "us_bank_account"]}
    )
    assert in_canada.payment_method_types == ["card"]


def test_a_debit_is_charged_at_most_once(client: StripeClient, sandbox: Running) -> None:
    sent = debit(client)
    with pytest.raises(InvalidRequestError) as refused:
        confirm(client, sent.id, token(client, "pm_usBankAccount_success"))
    assert refused.value.code == "payment_intent_unexpected_state"
    assert len(books(sandbox)["charges"]) == 1
