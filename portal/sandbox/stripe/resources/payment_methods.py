"""PaymentMethods: made from a ConfirmationToken or a ready-made test id, read, attached by setup_future_usage."""

from stripe.params import PaymentMethodRetrieveParams

from portal.sandbox.stripe.resources import banks
from portal.sandbox.stripe.resources.cards import BY_NUMBER, BY_TOKEN, DECLINES, Card, Decline, card_hash
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.refusals import Refusal, no_such

EMPTY_ADDRESS: Json = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
READY_MADE_EXPIRY = (12, 2034)
READY_MADE_HOLDER: Json = {"name": "Jenny Rosen", "email": "jenny.rosen@example.com"}


def billing_details(given: Json | None = None) -> Json:
    """Billing details with every member present."""
    details = given or {}
    return {
        "address": {**EMPTY_ADDRESS, **(details.get("address") or {})},
        "email": details.get("email"),
        "name": details.get("name"),
        "phone": details.get("phone"),
        "tax_id": None,
    }


def preview(card: Card, exp_month: int, exp_year: int, details: Json | None = None) -> Json:
    """What a ConfirmationToken tells about a card before there is a PaymentMethod."""
    checks = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None}
    return {
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(details),
        "card": card_hash(card, exp_month, exp_year, checks),
        "customer": None,
        "type": "card",
    }


def bank_preview(account: banks.Account, given: Json, details: Json | None = None) -> Json:
    """What a ConfirmationToken tells about a bank account before there is a PaymentMethod."""
    return {
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(details),
        "customer": None,
        "type": "us_bank_account",
        "us_bank_account": banks.bank_hash(
            account, given.get("account_holder_type", "individual"), given.get("account_type", "checking")
        ),
    }


def create_from(call: Call, number: str, shown: Json, *, verified: bool = False) -> Stored:
    """A PaymentMethod for a test card or a test bank account.

    Args:
        call: the call that uses it.
        number: the card's or the account's number; kept beside the object, to know later how its bank answers.
        shown: the preview to copy.
        verified: of a bank account: that it is the payer's is known already.
    """
    kind = shown["type"]
    details = shown[kind]
    if kind == "card":
        postal_code = shown["billing_details"]["address"]["postal_code"]
        checks = {
            "address_line1_check": None,
            "address_postal_code_check": "pass" if postal_code else None,
            "cvc_check": "pass",
        }
        details = {**details, "checks": checks}
    body: Json = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": shown["allow_redisplay"],
        "billing_details": shown["billing_details"],
        "created": call.now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
        kind: details,
    }
    private = {"number": number, "used": False, "set_up": False, "verified": verified}
    return call.objects.add("payment_method", body, private)


def ready_made(call: Call, token: str) -> Stored | None:
    """A fresh PaymentMethod from one of Stripe's ready-made ids such as `pm_card_visa`, or None."""
    if token in BY_TOKEN:
        card = BY_TOKEN[token]
        return create_from(call, card.number, preview(card, *READY_MADE_EXPIRY))
    if token in banks.BY_TOKEN:
        account = banks.BY_TOKEN[token]
        return create_from(call, account.number, bank_preview(account, {}, READY_MADE_HOLDER))
    return None


def card_of(method: Stored) -> Card:
    """The test card behind a PaymentMethod."""
    return BY_NUMBER[method.private["number"]]


def decline_of(method: Stored) -> Decline | None:
    """What the bank says to a charge of this card: what it has begun to say, else what its number stands for."""
    said = method.private.get("declines")
    return DECLINES[said] if said else card_of(method).decline


def setup_decline_of(method: Stored) -> Decline | None:
    """What the bank says when this card is to be saved."""
    card = card_of(method)
    return None if card.only_charges else card.decline


def account_of(method: Stored) -> banks.Account:
    """The test bank account behind a PaymentMethod."""
    return banks.BY_NUMBER[method.private["number"]]


def check_account(typed: Json, details: Json | None) -> banks.Account:
    """The test account behind typed numbers. Raises Refusal 400 for a mistyped one, or without its holder's name."""
    if not banks.routing_is_valid(typed["routing_number"]):
        raise Refusal(400, "Invalid routing number", "routing_number_invalid", "routing_number")
    account = banks.BY_NUMBER.get(typed["account_number"])
    if account is None or typed["routing_number"] != banks.ROUTING_NUMBER:
        raise Refusal(
            400,
            "You must use a test bank account number in test mode. Try 000123456789 with routing number 110000000 or "
            "see more options at https://stripe.com/docs/testing.",
            "account_number_invalid",
            "account_number",
        )
    if not (details or {}).get("name"):
        raise Refusal(
            400, "Missing required param: billing_details[name].", "parameter_missing", "billing_details[name]"
        )
    return account


def load(call: Call, method_id: str, param: str, status: int = 400) -> Stored:
    """The PaymentMethod, or Refusal resource_missing naming `param`."""
    found = call.objects.find("payment_method", method_id)
    if found is None:
        raise no_such("PaymentMethod", method_id, param, status)
    return found


def for_payment(call: Call, method_id: str, customer: str | None, status: int = 400) -> Stored:
    """The PaymentMethod that a confirm names, if this customer may use it.

    Raises:
        Refusal: 400 when it belongs to somebody else, was used once without being attached, or its bank refuses debits.
    """
    method = ready_made(call, method_id) or load(call, method_id, "payment_method", status)
    owner = method.body["customer"]
    if owner is not None and owner != customer:
        raise Refusal(
            400,
            f"The provided PaymentMethod ({method_id}) belongs to Customer {owner}. Please include the Customer in "
            "the `customer` parameter on the PaymentIntent.",
            "payment_method_customer_mismatch" if customer else None,
            "payment_method",
        )
    if owner is None and method.private["used"]:
        raise Refusal(
            400,
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
            "with a connected account without Customer attachment, or was detached from a Customer. It may not be "
            "used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
            param="payment_method",
        )
    if method.body["type"] == "us_bank_account" and method.body["us_bank_account"]["status_details"]:
        raise Refusal(
            400,
            "This bank account cannot be used for payments: its bank has blocked debits from it.",
            "payment_method_bank_account_blocked",
            "payment_method",
        )
    return method


def block(call: Call, method: Stored, why: banks.Return) -> None:
    """The bank lets nobody debit this account any more."""
    method.body["us_bank_account"]["status_details"] = {
        "blocked": {"network_code": why.network_code, "reason": why.code}
    }
    call.objects.save(method)


def retrieve(call: Call) -> Json:
    """One PaymentMethod."""
    return load(call, call.path["id"], "payment_method", 404).body


ENDPOINTS = (
    Endpoint("payment_methods.retrieve", "GET", "/v1/payment_methods/<id>", PaymentMethodRetrieveParams, retrieve),
)
