"""PaymentIntents: created, read, listed, canceled. Confirming is a file of its own."""

from stripe.params import (
    PaymentIntentCancelParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentListParams,
    PaymentIntentRetrieveParams,
)

from portal.sandbox.stripe.resources import confirming, customers, debits, events, payment_methods
from portal.sandbox.stripe.resources.intent_state import CANCELABLE, load
from portal.sandbox.stripe.state.objects import Json, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.parameters import fields
from portal.sandbox.stripe.wire.refusals import Answer, Refusal, unexpected_state

CURRENCIES = ("usd", "cad", "eur", "gbp")
SMALLEST_CENTS, LARGEST_CENTS = 50, 99_999_999
# What the stand-in can take now, out of what may be allowed; the rest is dropped silently, as Stripe does.
ELIGIBLE = ("card", "us_bank_account")
IN_DOLLARS_ONLY = ("us_bank_account",)
ONLY_WITH_CONFIRM = (
    "confirmation_token",
    "error_on_requires_action",
    "mandate",
    "mandate_data",
    "off_session",
    "return_url",
)
SHOWN_TO_BROWSERS = (
    "id",
    "object",
    "amount",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "capture_method",
    "client_secret",
    "confirmation_method",
    "created",
    "currency",
    "description",
    "last_payment_error",
    "livemode",
    "next_action",
    "payment_method",
    "payment_method_types",
    "processing",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "source",
    "status",
)


def method_types(given: Json) -> list[str]:
    """The types this intent will take: those allowed that are eligible. Raises Refusal 400 when none is left."""
    if "allowed_payment_method_types" in given and "automatic_payment_methods" in given:
        raise Refusal(
            400,
            "You may only specify one of these parameters: automatic_payment_methods, allowed_payment_method_types.",
            "parameters_exclusive",
            "allowed_payment_method_types",
        )
    allowed = given.get("allowed_payment_method_types", list(ELIGIBLE))
    excluded = given.get("excluded_payment_method_types") or []
    possible = [kind for kind in ELIGIBLE if given["currency"] == "usd" or kind not in IN_DOLLARS_ONLY]
    types = [kind for kind in allowed if kind in possible and kind not in excluded]
    if not types:
        raise Refusal(
            400,
            "No valid payment method types for this Payment Intent. Please ensure that you have activated payment "
            "methods compatible with your chosen currency in your dashboard or specify compatible payment method "
            "types.",
            "payment_intent_invalid_parameter",
            "allowed_payment_method_types",
        )
    return types


def check_amount(given: Json) -> None:
    """Refuse a currency that is not taken and an amount out of bounds."""
    currency, amount = given["currency"], given["amount"]
    if currency not in CURRENCIES:
        raise Refusal(
            400,
            f"Invalid currency: {currency}. The stand-in supports these currencies: {', '.join(CURRENCIES)}",
            param="currency",
        )
    if amount < 1:
        raise Refusal(400, "This value must be greater than or equal to 1.", "parameter_invalid_integer", "amount")
    if amount < SMALLEST_CENTS:
        message = f"Amount must be at least $0.50 {currency}"
        raise Refusal(400, message, "amount_too_small", "amount")
    if amount > LARGEST_CENTS:
        message = f"Amount must be no more than $999,999.99 {currency}"
        raise Refusal(400, message, "amount_too_large", "amount")


def create(call: Call) -> Json | Answer:
    """A new intent, unconfirmed; with `confirm` it is confirmed at once."""
    given = call.params
    check_amount(given)
    types = method_types(given)
    misplaced = [name for name in ONLY_WITH_CONFIRM if name in given and not given.get("confirm")]
    if misplaced:
        raise Refusal(400, f"`{misplaced[0]}` can only be used with `confirm=true`.", param=misplaced[0])
    if "customer" in given:
        customers.load(call, given["customer"], "customer")
    method = None
    if "payment_method" in given:
        method = payment_methods.for_payment(call, given["payment_method"], given.get("customer"))
    automatic = given.get("automatic_payment_methods")
    if automatic is None and "allowed_payment_method_types" not in given:
        automatic = {"enabled": True}
    if automatic:
        automatic = {"allow_redirects": "always", **automatic}
    intent_id = new_id("pi")
    body: Json = {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": given.get("allowed_payment_method_types"),
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": given.get("capture_method", "automatic_async"),
        "client_secret": new_id(f"{intent_id}_secret"),
        "confirmation_method": given.get("confirmation_method", "automatic"),
        "created": call.now,
        "currency": given["currency"],
        "customer": given.get("customer"),
        "customer_account": None,
        "description": given.get("description"),
        "excluded_payment_method_types": given.get("excluded_payment_method_types"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": given.get("metadata") or {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": method.id if method else None,
        "payment_method_configuration_details": None,
        "payment_method_options": given.get("payment_method_options")
        or {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": types,
        "processing": None,
        "receipt_email": given.get("receipt_email"),
        "review": None,
        "setup_future_usage": given.get("setup_future_usage"),
        "shipping": given.get("shipping"),
        "source": None,
        "statement_descriptor": given.get("statement_descriptor"),
        "statement_descriptor_suffix": given.get("statement_descriptor_suffix"),
        "status": "requires_confirmation" if method else "requires_payment_method",
        "transfer_data": None,
        "transfer_group": given.get("transfer_group"),
    }
    intent = call.objects.add("payment_intent", body)
    events.emit(call, "payment_intent.created", body)
    if given.get("confirm"):
        of_confirm = fields(PaymentIntentConfirmParams)
        call.params = {name: value for name, value in given.items() if name in of_confirm}
        return confirming.confirm_intent(call, intent)
    return body


def retrieve(call: Call) -> Json:
    """One intent; a browser needs its client secret and sees less."""
    intent = load(call, 404)
    secret = call.params.get("client_secret")
    if (secret is not None or not call.secret) and secret != intent.body["client_secret"]:
        raise Refusal(
            400,
            "The client_secret provided does not match any associated PaymentIntent on this account. Ensure the "
            "provided client_secret and PaymentIntent ID match.",
            "payment_intent_invalid_parameter",
            "client_secret",
        )
    return intent.body if call.secret else {name: intent.body[name] for name in SHOWN_TO_BROWSERS}


def cancel(call: Call) -> Json:
    """Cancel an intent that has not succeeded; it can never charge anybody afterwards."""
    intent = load(call, 404)
    status = intent.body["status"]
    if status not in CANCELABLE:
        raise unexpected_state(
            f"You cannot cancel this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one "
            f"of the following statuses may be canceled: {', '.join(CANCELABLE)}.",
            intent.body,
        )
    if status == "processing":
        charge = debits.stop(
            call, intent, "charge_canceled", "The payment was canceled before the bank had settled it."
        )
        events.emit(call, "charge.failed", charge.body)
    intent.body.update(
        status="canceled",
        canceled_at=call.now,
        cancellation_reason=call.params.get("cancellation_reason"),
        amount_capturable=0,
        next_action=None,
    )
    call.objects.save(intent)
    events.emit(call, "payment_intent.canceled", intent.body)
    return intent.body


def list_intents(call: Call) -> Json:
    """Intents, newest first, by customer."""
    where, arguments = [], []
    if "customer" in call.params:
        where.append("json_extract(body, '$.customer') = ?")
        arguments.append(call.params["customer"])
    return page(call, "payment_intent", "/v1/payment_intents", where, arguments)


ENDPOINTS = (
    Endpoint("payment_intents.create", "POST", "/v1/payment_intents", PaymentIntentCreateParams, create),
    Endpoint("payment_intents.list", "GET", "/v1/payment_intents", PaymentIntentListParams, list_intents),
    Endpoint(
        "payment_intents.retrieve",
        "GET",
        "/v1/payment_intents/<id>",
        PaymentIntentRetrieveParams,
        retrieve,
        publishable=True,
    ),
    Endpoint(
        "payment_intents.confirm",
        "POST",
        "/v1/payment_intents/<id>/confirm",
        PaymentIntentConfirmParams,
        confirming.confirm,
    ),
    Endpoint("payment_intents.cancel", "POST", "/v1/payment_intents/<id>/cancel", PaymentIntentCancelParams, cancel),
)
