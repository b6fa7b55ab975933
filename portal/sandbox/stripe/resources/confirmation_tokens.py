"""ConfirmationTokens: made in the browser with the publishable key, read with the secret key, spent by one confirm."""

import re
from datetime import UTC, datetime
from typing import NotRequired, TypedDict

from stripe.params import ConfirmationTokenRetrieveParams
from stripe.params.test_helpers import ConfirmationTokenCreateParams

from portal.sandbox.stripe.resources import payment_methods
from portal.sandbox.stripe.resources.cards import BY_NUMBER, digits, luhn
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.refusals import Refusal, no_such

LIFETIME_SECONDS = 12 * 3600
# Under the bank fields stands the mandate; whoever goes on agrees to it.
BROWSER_MANDATE: Json = {"customer_acceptance": {"type": "online", "online": {"ip_address": None, "user_agent": None}}}


class BrowserCard(TypedDict):
    """The card fields of the Payment Element. Only Stripe.js may send them, so the SDK has no type for them."""

    number: str
    exp_month: int
    exp_year: int
    cvc: str


class BrowserAccount(TypedDict):
    """The bank fields of the Payment Element. `verification` is how the payer shows that the account is theirs."""

    account_number: str
    routing_number: str
    account_holder_type: NotRequired[str]
    account_type: NotRequired[str]
    verification: NotRequired[str]


class BrowserAddress(TypedDict):
    """A billing address as the browser sends it."""

    city: NotRequired[str]
    country: NotRequired[str]
    line1: NotRequired[str]
    line2: NotRequired[str]
    postal_code: NotRequired[str]
    state: NotRequired[str]


class BrowserBilling(TypedDict):
    """Billing details as the browser sends them."""

    address: NotRequired[BrowserAddress]
    email: NotRequired[str]
    name: NotRequired[str]
    phone: NotRequired[str]


class BrowserMethod(TypedDict):
    """The `payment_method_data` that Stripe.js sends."""

    type: str
    card: NotRequired[BrowserCard]
    us_bank_account: NotRequired[BrowserAccount]
    billing_details: NotRequired[BrowserBilling]


class BrowserContext(TypedDict):
    """What the Elements were set up with; the PaymentIntent has to agree."""

    mode: str
    currency: NotRequired[str]
    setup_future_usage: NotRequired[str]


class BrowserTokenParams(TypedDict):
    """What Stripe.js sends to make a ConfirmationToken."""

    payment_method_data: BrowserMethod
    client_context: BrowserContext
    return_url: NotRequired[str]


def create_in_browser(call: Call) -> Json:
    """A token for the card or the bank account that the payer typed into the Payment Element."""
    data = call.params["payment_method_data"]
    context = call.params["client_context"]
    kind = data["type"]
    if kind not in ("card", "us_bank_account") or kind not in data:
        raise Refusal(400, f"The stand-in takes no {kind} here.", param="payment_method_data[type]")
    private: Json = {"currency": context.get("currency"), "saved": None, "verified": False}
    if kind == "card":
        number = digits(data["card"]["number"])
        check_card(data["card"], number, call.now)
        month, year = data["card"]["exp_month"], full_year(data["card"]["exp_year"])
        shown = payment_methods.preview(BY_NUMBER[number], month, year, data.get("billing_details"))
        return keep(call, number, shown, context.get("setup_future_usage"), private)
    typed = data["us_bank_account"]
    account = payment_methods.check_account(typed, data.get("billing_details"))
    private["verified"] = typed.get("verification", "instant") == "instant"
    shown = payment_methods.bank_preview(account, typed, data.get("billing_details"))
    return keep(call, account.number, shown, context.get("setup_future_usage"), private, BROWSER_MANDATE)


def create_for_tests(call: Call) -> Json:
    """Stripe's test helper: a token without a browser, from an id such as `pm_card_visa` or a saved method."""
    method_id = call.params.get("payment_method")
    if method_id is None:
        raise Refusal(400, "The stand-in makes test tokens from `payment_method` only.", "parameter_missing")
    made = payment_methods.ready_made(call, method_id)
    method = made or payment_methods.load(call, method_id, "payment_method")
    kind = method.body["type"]
    shown = {key: method.body[key] for key in ("allow_redisplay", "billing_details", "customer", "type", kind)}
    if made:
        call.objects.remove(made)
    private = {"currency": None, "saved": None if made else method_id, "verified": method.private["verified"]}
    mandate = BROWSER_MANDATE if kind == "us_bank_account" else None
    return keep(call, method.private["number"], shown, call.params.get("setup_future_usage"), private, mandate)


def keep(
    call: Call,
    number: str,
    shown: Json,
    setup_future_usage: str | None,
    private: Json,
    mandate_data: Json | None = None,
) -> Json:
    """Store a token and answer it.

    Args:
        number, shown: the test card or account and what the token tells about it.
        setup_future_usage: what the Elements were set up with.
        private: `currency` of the Elements (None without), `saved`: the id of the PaymentMethod that the payer chose
            among saved ones, `verified`: whether a bank account was verified on the spot.
        mandate_data: what the payer agreed to under the fields of a bank account.
    """
    options = {"card": {"cvc_token": None}} if shown["type"] == "card" else None  # nosec B105
    body: Json = {
        "id": new_id("ctoken"),
        "object": "confirmation_token",
        "created": call.now,
        "expires_at": call.now + LIFETIME_SECONDS,
        "livemode": False,
        "mandate_data": mandate_data,
        "payment_intent": None,
        "payment_method_options": options,
        "payment_method_preview": shown,
        "return_url": call.params.get("return_url"),
        "setup_future_usage": setup_future_usage,
        "setup_intent": None,
        "shipping": None,
        "use_stripe_sdk": True,
    }
    call.objects.add("confirmation_token", body, {"number": number, **private})
    return body


def check_card(card: Json, number: str, now: int) -> None:
    """Refuse what Stripe refuses before any bank is asked: a mistyped number, a date in the past, a short CVC."""

    def refuse(code: str, param: str, message: str) -> Refusal:
        return Refusal(402, message, code, param, kind="card_error")

    if not re.fullmatch(r"\d{12,19}", number) or not luhn(number):
        raise refuse("incorrect_number", "number", "Your card number is incorrect.")
    if number not in BY_NUMBER:
        raise Refusal(
            402,
            "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid "
            "test cards, visit: https://stripe.com/docs/testing.",
            "card_declined",
            kind="card_error",
            extras={"decline_code": "live_mode_test_card"},
        )
    if not 1 <= card["exp_month"] <= 12:
        raise refuse("invalid_expiry_month", "exp_month", "Your card's expiration month is invalid.")
    today = datetime.fromtimestamp(now, UTC)
    if (full_year(card["exp_year"]), card["exp_month"]) < (today.year, today.month):
        raise refuse("invalid_expiry_year", "exp_year", "Your card's expiration year is invalid.")
    if not re.fullmatch(r"\d{3,4}", card["cvc"]):
        raise refuse("invalid_cvc", "cvc", "Your card's security code is invalid.")


def full_year(year: int) -> int:
    """Two digits become a year of this century."""
    return 2000 + year if year < 100 else year


def load(call: Call, token_id: str, status: int = 400) -> Stored:
    """The token, or Refusal resource_missing."""
    found = call.objects.find("confirmation_token", token_id)
    if found is None:
        raise no_such("confirmationtoken", token_id, "confirmation_token", status)
    return found


def unspent(call: Call, token_id: str) -> Stored:
    """A token that may still confirm an intent. Raises Refusal 400 for a spent or expired one."""
    token = load(call, token_id)
    if token.body["payment_intent"] or token.body["setup_intent"]:
        used = "PaymentIntent" if token.body["payment_intent"] else "SetupIntent"
        raise Refusal(
            400,
            f"The provided ConfirmationToken ({token_id}) was already used to confirm a {used}. It may not be "
            "used again.",
            "token_already_used",
            "confirmation_token",
        )
    if token.body["expires_at"] <= call.now:
        raise Refusal(
            400,
            f"The provided ConfirmationToken ({token_id}) has expired. Please create a new ConfirmationToken.",
            "resource_missing",
            "confirmation_token",
        )
    return token


def retrieve(call: Call) -> Json:
    """One token."""
    return load(call, call.path["id"], 404).body


ENDPOINTS = (
    Endpoint(
        "confirmation_tokens.create",
        "POST",
        "/v1/confirmation_tokens",
        BrowserTokenParams,
        create_in_browser,
        publishable=True,
    ),
    Endpoint(
        "test_helpers.confirmation_tokens.create",
        "POST",
        "/v1/test_helpers/confirmation_tokens",
        ConfirmationTokenCreateParams,
        create_for_tests,
    ),
    Endpoint(
        "confirmation_tokens.retrieve",
        "GET",
        "/v1/confirmation_tokens/<id>",
        ConfirmationTokenRetrieveParams,
        retrieve,
    ),
)
