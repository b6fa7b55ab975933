"""The states of a SetupIntent and the moves between them that confirming, challenge and small deposits share."""

from portal.sandbox.stripe.resources import events
from portal.sandbox.stripe.state.objects import Json, Stored
from portal.sandbox.stripe.wire.endpoint import Call
from portal.sandbox.stripe.wire.refusals import Answer, Refusal, no_such

FAILED_AUTHENTICATION: Json = {
    "type": "invalid_request_error",
    "code": "setup_intent_authentication_failure",
    "message": "The provided PaymentMethod has failed authentication. Provide a new PaymentMethod to attempt to "
    "fulfill this SetupIntent again.",
    "doc_url": "https://stripe.com/docs/error-codes/setup-intent-authentication-failure",
}


def load(call: Call, status: int = 400) -> Stored:
    """The SetupIntent named in the path, or Refusal resource_missing."""
    found = call.objects.find("setup_intent", call.path["id"])
    if found is None:
        raise no_such("setupintent", call.path["id"], "intent", status)
    return found


def unexpected(message: str, intent: Json) -> Refusal:
    """A SetupIntent that cannot do this in its present status."""
    return Refusal(400, message, "setup_intent_unexpected_state", extras={"setup_intent": intent})


def succeed(call: Call, intent: Stored, method: Stored) -> Answer:
    """The method may be used from now on; it belongs to the intent's customer."""
    method.private.update(used=True, set_up=True, verified=True)
    attached = intent.body["customer"] and method.body["customer"] is None
    method.body["customer"] = intent.body["customer"]
    call.objects.save(method)
    intent.body.update(
        status="succeeded",
        last_setup_error=None,
        mandate=intent.private.get("mandate"),
        next_action=None,
        payment_method=method.id,
    )
    call.objects.save(intent)
    if attached:
        events.emit(call, "payment_method.attached", method.body)
    events.emit(call, "setup_intent.succeeded", intent.body)
    return Answer(200, intent.body)


def require_action(call: Call, intent: Stored, method: Stored, next_action: Json) -> Answer:
    """The bank wants to see the payer, or the payer has to wait for two small deposits."""
    method.private["used"] = True
    call.objects.save(method)
    intent.body.update(
        status="requires_action", last_setup_error=None, next_action=next_action, payment_method=method.id
    )
    call.objects.save(intent)
    events.emit(call, "setup_intent.requires_action", intent.body)
    return Answer(200, intent.body)


def fail(call: Call, intent: Stored, method: Stored, error: Json) -> Answer:
    """It did not work: the intent is open for another method, and its last_setup_error says why."""
    method.private["used"] = True
    call.objects.save(method)
    shown = {**error, "payment_method": method.body}
    intent.body.update(status="requires_payment_method", last_setup_error=shown, next_action=None, payment_method=None)
    call.objects.save(intent)
    events.emit(call, "setup_intent.setup_failed", intent.body)
    return Answer(402, {"error": {**shown, "setup_intent": intent.body}})
