"""Refunds: money back to the card or account; pending, done or failed; never more than was charged."""

from stripe.params import (
    RefundCancelParams,
    RefundCreateParams,
    RefundListParams,
    RefundRetrieveParams,
    RefundUpdateParams,
)

from portal.sandbox.stripe.resources import balance_transactions, charges, customers, events
from portal.sandbox.stripe.resources.cards import BY_NUMBER
from portal.sandbox.stripe.state import diary
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.refusals import Refusal, no_such

DAY = 24 * 3600
CARD_AFTER_SECONDS = DAY
DEBIT_AFTER_SECONDS = 3 * DAY
FAILURES = ("lost_or_stolen_card", "expired_or_canceled_card", "unknown", "declined", "insufficient_funds")


def create(call: Call) -> Json:
    """Give a charge back, all that is left of it unless `amount` says less."""
    charge = charge_of(call)
    amount = call.params.get("amount", left_of(charge))
    check(charge, amount)
    is_debit = charge.id.startswith("py_")
    later = "" if is_debit else BY_NUMBER[charge.private["number"]].later
    pending = is_debit or later == "refund_pending"
    body: Json = {
        "id": new_id("pyr" if is_debit else "re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge.id,
        "created": call.now,
        "currency": charge.body["currency"],
        "customer": charge.body["customer"],
        "destination_details": destination(is_debit, pending),
        "failure_balance_transaction": None,
        "metadata": call.params.get("metadata") or {},
        "payment_intent": charge.body["payment_intent"],
        "payment_method": charge.body["payment_method"],
        "pending_reason": "processing" if pending else None,
        "reason": call.params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if pending else "succeeded",
        "transfer_reversal": None,
    }
    moved = balance_transactions.move(
        call,
        "payment_refund" if is_debit else "refund",
        -amount,
        body["id"],
        currency=body["currency"],
        description=charge.body["description"],
    )
    body["balance_transaction"] = moved["id"]
    refund = call.objects.add("refund", body)
    give(call, charge, amount)
    events.emit(call, "refund.created", body)
    events.emit(call, "charge.refunded", charge.body)
    if pending or later == "refund_fails":
        wait = DEBIT_AFTER_SECONDS if is_debit else CARD_AFTER_SECONDS
        kind = "refund_fails" if later == "refund_fails" else "refund_settles"
        diary.plan(call.objects.connection, call.account, kind, refund.id, call.now + wait)
    return body


def charge_of(call: Call) -> Stored:
    """The charge that the request names, itself or by its PaymentIntent."""
    given = call.params
    if ("charge" in given) == ("payment_intent" in given):
        message = "You must provide one of `charge` or `payment_intent`, and not both."
        raise Refusal(400, message, "parameter_missing", "payment_intent")
    if "charge" in given:
        return charges.load(call, given["charge"], "charge")
    intent = call.objects.find("payment_intent", given["payment_intent"])
    if intent is None:
        raise no_such("payment_intent", given["payment_intent"], "payment_intent")
    if intent.body["latest_charge"] is None or intent.body["status"] not in ("succeeded", "processing"):
        raise Refusal(
            400,
            f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.",
            "payment_intent_unexpected_state",
            "payment_intent",
        )
    return charges.load(call, intent.body["latest_charge"], "charge")


def left_of(charge: Stored) -> int:
    """What of a charge has not been given back, in cents."""
    return int(charge.body["amount_captured"] - charge.body["amount_refunded"])


def check(charge: Stored, amount: int) -> None:
    """Raises Refusal 400 for what was not paid, is disputed, given back already, or less than is asked for."""
    if charge.body["status"] != "succeeded":
        raise Refusal(
            400, f"Charge {charge.id} cannot be refunded while it is {charge.body['status']}.", "charge_not_refundable"
        )
    if charge.body["disputed"] and not charge.private.get("refundable"):
        raise Refusal(400, f"Charge {charge.id} has been charged back; cannot issue a refund.", "charge_disputed")
    left = left_of(charge)
    if left <= 0:
        raise Refusal(400, f"Charge {charge.id} has already been refunded.", "charge_already_refunded")
    if amount < 1:
        raise Refusal(400, "Invalid positive integer", "parameter_invalid_integer", "amount")
    if amount > left:
        raise Refusal(
            400,
            f"Refund amount (${amount / 100:,.2f}) is greater than unrefunded amount on charge (${left / 100:,.2f})",
            "amount_too_large",
            "amount",
        )


def destination(is_debit: bool, pending: bool) -> Json:
    """Where the money goes, and the number by which the bank finds it."""
    if is_debit:
        return {"type": "us_bank_transfer", "us_bank_transfer": {"reference": None, "reference_status": "pending"}}
    known = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    if pending:
        known = {"type": "pending"}
    return {"card": known, "type": "card"}


def give(call: Call, charge: Stored, amount: int) -> None:
    """Note on the charge that so much was given back; negative when it came back."""
    charge.body["amount_refunded"] += amount
    charge.body["refunded"] = charge.body["amount_refunded"] == charge.body["amount_captured"]
    call.objects.save(charge)


def succeed(call: Call, refund: Stored) -> None:
    """The bank has taken it."""
    refund.body.update(status="succeeded", pending_reason=None)
    call.objects.save(refund)
    events.emit(call, "refund.updated", refund.body)
    events.emit(call, "charge.refund.updated", refund.body)


def fail(call: Call, refund: Stored, reason: str) -> None:
    """It came back, perhaps after it had seemed to succeed: the money is ours again and still owed to the payer."""
    undo(call, refund, "failed", reason)
    events.emit(call, "refund.updated", refund.body)
    events.emit(call, "refund.failed", refund.body)
    events.emit(call, "charge.refund.updated", refund.body)


def undo(call: Call, refund: Stored, status: str, reason: str | None) -> None:
    """Take the money back onto the balance."""
    charge = charges.load(call, refund.body["charge"], "charge")
    give(call, charge, -refund.body["amount"])
    moved = balance_transactions.move(
        call,
        "refund_failure",
        refund.body["amount"],
        refund.id,
        currency=refund.body["currency"],
    )
    refund.body.update(status=status, failure_balance_transaction=moved["id"], pending_reason=None)
    if reason:
        refund.body["failure_reason"] = reason
    call.objects.save(refund)


def cancel(call: Call) -> Json:
    """Call a refund back that its bank has not taken yet."""
    refund = load(call, call.path["id"], 404)
    if refund.body["status"] not in ("pending", "requires_action"):
        raise Refusal(
            400,
            f"You cannot cancel this refund because it has a status of {refund.body['status']}.",
            "refund_unexpected_state",
        )
    undo(call, refund, "canceled", None)
    events.emit(call, "refund.updated", refund.body)
    return refund.body


def on_settling_day(call: Call, refund_id: str) -> None:
    """Diary: the bank takes it, unless it is settled."""
    refund = load(call, refund_id)
    if refund.body["status"] == "pending":
        succeed(call, refund)


def on_failing_day(call: Call, refund_id: str) -> None:
    """Diary: the bank sends it back, also when it seemed done."""
    refund = load(call, refund_id)
    if refund.body["status"] in ("pending", "succeeded"):
        fail(call, refund, "expired_or_canceled_card")


def load(call: Call, refund_id: str, status: int = 400) -> Stored:
    """The refund, or Refusal resource_missing."""
    found = call.objects.find("refund", refund_id)
    if found is None:
        raise no_such("refund", refund_id, "refund", status)
    return found


def retrieve(call: Call) -> Json:
    """One refund."""
    return load(call, call.path["id"], 404).body


def update(call: Call) -> Json:
    """Change its metadata."""
    refund = load(call, call.path["id"], 404)
    if "metadata" in call.params:
        refund.body["metadata"] = customers.merged_metadata(refund.body["metadata"], call.params["metadata"])
        call.objects.save(refund)
        events.emit(call, "refund.updated", refund.body)
    return refund.body


def list_refunds(call: Call) -> Json:
    """Refunds, newest first, by charge and PaymentIntent."""
    where, arguments = [], []
    for name in ("charge", "payment_intent"):
        if name in call.params:
            where.append(f"json_extract(body, '$.{name}') = ?")
            arguments.append(call.params[name])
    return page(call, "refund", "/v1/refunds", where, arguments)


ENDPOINTS = (
    Endpoint("refunds.create", "POST", "/v1/refunds", RefundCreateParams, create),
    Endpoint("refunds.list", "GET", "/v1/refunds", RefundListParams, list_refunds),
    Endpoint("refunds.retrieve", "GET", "/v1/refunds/<id>", RefundRetrieveParams, retrieve),
    Endpoint("refunds.update", "POST", "/v1/refunds/<id>", RefundUpdateParams, update),
    Endpoint("refunds.cancel", "POST", "/v1/refunds/<id>/cancel", RefundCancelParams, cancel),
)
