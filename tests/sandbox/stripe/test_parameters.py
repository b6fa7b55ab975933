"""Nothing passes that the SDK's own types do not know."""

from typing import Any

import pytest
from stripe import InvalidRequestError, StripeClient

from tests.sandbox.stripe.paying import confirm, intent, token


def refusal_of(client: StripeClient, **params: Any) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as refused:
        client.v1.payment_intents.create({"amount": 5_000, "currency": "usd", **params})
    assert refused.value.http_status == 400
    return refused.value


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"colour": "green"}, "colour"),
        ({"payment_method_options": {"card": {"colour": "green"}}}, "payment_method_options[card][colour]"),
        ({"shipping": {"name": "A", "address": {"planet": "x"}}}, "shipping[address][planet]"),
    ],
)
def test_unknown_parameters(client: StripeClient, params: dict[str, Any], param: str) -> None:
    error = refusal_of(client, **params)
    assert (error.code, error.param) == ("parameter_unknown", param)
    assert str(error.user_message) == f"Received unknown parameter: {param}"


def test_confirm_takes_no_customer(client: StripeClient) -> None:
    with pytest.raises(InvalidRequestError, match="unknown parameter: customer"):
        confirm(client, intent(client).id, token(client), customer="cus_1")


def test_nested_parameters_that_are_known_pass(client: StripeClient) -> None:
    created = intent(client, payment_method_options={"card": {"request_three_d_secure": "any"}})
    assert created.payment_method_options.card.request_three_d_secure == "any"


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": "twelve"}, "parameter_invalid_integer", "amount"),
        ({"amount": 49}, "amount_too_small", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"description": ""}, "parameter_invalid_empty", "description"),
        ({"customer": "cus_unknown"}, "resource_missing", "customer"),
        ({"currency": "USD"}, None, "currency"),
        ({"capture_method": "later"}, None, "capture_method"),
        ({"metadata": {"invoice_ids": "1," * 251}}, None, "metadata[invoice_ids]"),
        ({"metadata": {str(number): "x" for number in range(51)}}, None, "metadata"),
        ({"return_url": "https://portal.example"}, None, "return_url"),
    ],
)
def test_wrong_values(client: StripeClient, params: dict[str, Any], code: str | None, param: str) -> None:
    error = refusal_of(client, **params)
    assert (error.code, error.param) == (code, param)


def test_a_missing_parameter(client: StripeClient) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        client.v1.payment_intents.create({"amount": 5_000})
    assert (refused.value.code, refused.value.param) == ("parameter_missing", "currency")


def test_ineligible_types_are_dropped_silently(client: StripeClient) -> None:
    created = intent(client, allowed_payment_method_types=["card", "klarna"])
    assert created.payment_method_types == ["card"]
    assert created.allowed_payment_method_types == ["card", "klarna"]
    error = refusal_of(client, allowed_payment_method_types=["klarna"])
    assert error.param == "allowed_payment_method_types"


def test_types_are_allowed_or_automatic_not_both(client: StripeClient) -> None:
    error = refusal_of(client, allowed_payment_method_types=["card"], automatic_payment_methods={"enabled": True})
    assert error.code == "parameters_exclusive"


def test_what_does_not_exist_is_not_found(client: StripeClient) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        client.v1.payment_intents.retrieve("pi_unknown")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    with pytest.raises(InvalidRequestError, match="Unrecognized request URL"):
        client.v1.invoices.list()
    with pytest.raises(InvalidRequestError, match="cannot be expanded"):
        client.v1.payment_intents.retrieve(intent(client).id, {"expand": ["colour"]})
