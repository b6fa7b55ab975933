"""Mandates: the payer's leave to debit a bank account, once or again and again; made by a confirm, and read."""

from stripe.params import MandateRetrieveParams

from portal.sandbox.stripe.resources import events
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.refusals import Refusal, no_such

LIVE = (
    "json_extract(body, '$.payment_method') = ? AND json_extract(body, '$.status') = 'active' "
    "AND json_extract(body, '$.type') = 'multi_use'"
)
OF_METHOD = "json_extract(body, '$.payment_method') = ?"


def make(call: Call, method: Stored, given: Json, once: Json | None) -> Json:
    """Keep what the payer agreed to.

    Args:
        call: the call that brought it.
        method: the bank account.
        given: `mandate_data` of the request or of the token.
        once: amount and currency when it covers one debit only; None for any later one too.
    """
    acceptance = given["customer_acceptance"]
    body: Json = {
        "id": new_id("mandate"),
        "object": "mandate",
        "created": call.now,
        "customer_acceptance": {
            "accepted_at": acceptance.get("accepted_at") or call.now,
            "type": acceptance["type"],
            acceptance["type"]: acceptance.get(acceptance["type"]) or {},
        },
        "livemode": False,
        "payment_method": method.id,
        "payment_method_details": {"type": "us_bank_account", "us_bank_account": {}},
        "status": "active",
        "type": "single_use" if once else "multi_use",
    }
    body["single_use" if once else "multi_use"] = once or {}
    call.objects.add("mandate", body)
    return body


def for_debit(call: Call, method: Stored, token: Stored | None, once: Json | None) -> Json:
    """The mandate under which this account may be debited: a new one, the one named, or one that still holds.

    Raises:
        Refusal: 400 when the payer has agreed to nothing, or the mandate named is not valid any more.
    """
    given = call.params.get("mandate_data") or (token.body["mandate_data"] if token else None)
    if given:
        return make(call, method, given, once)
    if "mandate" in call.params:
        named = load(call, call.params["mandate"])
        if named.body["status"] != "active" or named.body["payment_method"] != method.id:
            raise invalid("The provided mandate is not valid for this PaymentMethod.")
        return named.body
    kept = call.objects.every("mandate", LIVE, (method.id,))
    if not kept:
        raise invalid(
            "This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance "
            "from the customer and try again, providing acceptance data in the mandate_data parameter."
        )
    return kept[0].body


def invalid(message: str) -> Refusal:
    """Stripe's refusal to debit without leave."""
    return Refusal(400, message, "payment_intent_mandate_invalid", "mandate_data")


def revoke(call: Call, method_id: str) -> None:
    """The payer's bank has ended every leave to debit this account."""
    for mandate in call.objects.every("mandate", OF_METHOD, (method_id,)):
        if mandate.body["status"] == "active":
            mandate.body["status"] = "inactive"
            call.objects.save(mandate)
            events.emit(call, "mandate.updated", mandate.body)


def load(call: Call, mandate_id: str, status: int = 400) -> Stored:
    """The mandate, or Refusal resource_missing."""
    found = call.objects.find("mandate", mandate_id)
    if found is None:
        raise no_such("mandate", mandate_id, "mandate", status)
    return found


def retrieve(call: Call) -> Json:
    """One mandate."""
    return load(call, call.path["id"], 404).body


ENDPOINTS = (Endpoint("mandates.retrieve", "GET", "/v1/mandates/<id>", MandateRetrieveParams, retrieve),)
