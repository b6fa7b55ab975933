"""The states of a PaymentIntent and the moves between them that confirming and the 3-D Secure challenge share."""

from portal.sandbox.stripe.resources import charges, disputes, events
from portal.sandbox.stripe.resources.cards import Decline
from portal.sandbox.stripe.resources.payment_methods import card_of, decline_of
from portal.sandbox.stripe.state.objects import Json, Stored
from portal.sandbox.stripe.wire.endpoint import Call
from portal.sandbox.stripe.wire.refusals import Answer, no_such

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")
FAILED_AUTHENTICATION = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this PaymentIntent again."
)


def load(call: Call, status: int = 400) -> Stored:
    """The intent named in the path, or Refusal resource_missing."""
    found = call.objects.find("payment_intent", call.path["id"])
    if found is None:
        raise no_such("payment_intent", call.path["id"], "intent", status)
    return found


def charge(call: Call, intent: Stored, method: Stored, *, authenticated: bool) -> Answer:
    """Ask the bank. Yes: the intent succeeded, 200. No: it waits for another method, 402."""
    card = card_of(method)
    decline = decline_of(method)
    made = charges.make(call, intent.body, method, card, decline, authenticated=authenticated)
    method.private["used"] = True
    intent.body.update(latest_charge=made["id"], next_action=None)
    if decline:
        return declined(call, intent, method, decline, made["id"])
    keep_for_later(call, intent, method, authenticated=authenticated)
    manual = intent.body["capture_method"] == "manual"
    intent.body.update(
        status="requires_capture" if manual else "succeeded",
        amount_capturable=intent.body["amount"] if manual else 0,
        amount_received=0 if manual else intent.body["amount"],
        last_payment_error=None,
        payment_method=method.id,
    )
    call.objects.save(intent)
    events.emit(call, "payment_intent.amount_capturable_updated" if manual else "payment_intent.succeeded", intent.body)
    if card.later in ("dispute", "inquiry") and not manual:
        disputes.open_about(
            call, charges.load(call, made["id"], "charge"), "fraudulent", inquiry=card.later == "inquiry"
        )
    return Answer(200, intent.body)


def keep_for_later(call: Call, intent: Stored, method: Stored, *, authenticated: bool) -> None:
    """With setup_future_usage the method now belongs to the intent's customer."""
    attached = False
    if intent.body["setup_future_usage"] and intent.body["customer"]:
        attached = method.body["customer"] is None
        method.body["customer"] = intent.body["customer"]
        method.private["set_up"] = authenticated or method.private["set_up"]
    call.objects.save(method)
    if attached:
        events.emit(call, "payment_method.attached", method.body)


def require_action(call: Call, intent: Stored, method: Stored, next_action: Json) -> Answer:
    """The bank wants to see the payer first."""
    method.private["used"] = True
    call.objects.save(method)
    intent.body.update(
        status="requires_action", next_action=next_action, payment_method=method.id, last_payment_error=None
    )
    call.objects.save(intent)
    events.emit(call, "payment_intent.requires_action", intent.body)
    return Answer(200, intent.body)


def declined(call: Call, intent: Stored, method: Stored, decline: Decline, charge_id: str | None) -> Answer:
    """The bank said no: back to requires_payment_method with the reason, and a 402 card_error for the caller."""
    error = decline_error(decline)
    if charge_id:
        error["charge"] = charge_id
    return fail(call, intent, method, error)


def decline_error(decline: Decline) -> Json:
    """A card's decline as an error shows it."""
    error: Json = {
        "type": "card_error",
        "code": decline.code,
        "decline_code": decline.decline_code,
        "message": decline.message,
        "doc_url": f"https://stripe.com/docs/error-codes/{decline.code.replace('_', '-')}",
    }
    if decline.param:
        error["param"] = decline.param
    return error


def failed_authentication(call: Call, intent: Stored, method: Stored) -> Answer:
    """The payer did not pass the challenge: nothing was charged."""
    code = "payment_intent_authentication_failure"
    error = {
        "type": "invalid_request_error",
        "code": code,
        "message": FAILED_AUTHENTICATION,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
    }
    return fail(call, intent, method, error)


def fail(call: Call, intent: Stored, method: Stored, error: Json) -> Answer:
    """One attempt failed: the intent is open for another, and its last_payment_error says why."""
    method.private["used"] = True
    call.objects.save(method)
    shown = {**error, "payment_method": method.body}
    intent.body.update(
        status="requires_payment_method", last_payment_error=shown, next_action=None, payment_method=None
    )
    call.objects.save(intent)
    events.emit(call, "payment_intent.payment_failed", intent.body)
    return Answer(402, {"error": {**shown, "payment_intent": intent.body}})
