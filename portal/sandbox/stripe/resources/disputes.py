"""Disputes: a payer's bank takes a charge back; read, listed, and what they do to the balance."""

from stripe.params import DisputeListParams, DisputeRetrieveParams

from portal.sandbox.stripe.resources import balance_transactions, banks, events
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.refusals import no_such

FEE_CENTS = 1_500
ANSWER_WITHIN_SECONDS = 9 * 24 * 3600


def draft(call: Call, charge: Stored, status: str, reason: str, details: Json, network_code: str | None) -> Stored:
    """A new dispute about the whole charge; nothing is withdrawn yet."""
    final = status == "lost"
    body: Json = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge.body["amount"],
        "balance_transactions": [],
        "charge": charge.id,
        "created": call.now,
        "currency": charge.body["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": None if final else call.now + ANSWER_WITHIN_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": status.startswith("warning"),
        "livemode": False,
        "metadata": {},
        "network_reason_code": network_code,
        "payment_intent": charge.body["payment_intent"],
        "payment_method_details": details,
        "reason": reason,
        "status": status,
    }
    charge.body["disputed"] = True
    call.objects.save(charge)
    return call.objects.add("dispute", body)


def withdraw(call: Call, dispute: Stored) -> None:
    """Take the money and the fee off the balance."""
    moved = balance_transactions.move(
        call,
        "adjustment",
        -dispute.body["amount"],
        dispute.id,
        fee_cents=FEE_CENTS,
        fee_for="Dispute fee",
        category="dispute",
        currency=dispute.body["currency"],
        description=f"Chargeback withdrawal for {dispute.body['charge']}",
    )
    dispute.body["balance_transactions"].append(moved)
    call.objects.save(dispute)
    events.emit(call, "charge.dispute.funds_withdrawn", dispute.body)


def returned(call: Call, charge: Stored, why: banks.Return) -> Stored:
    """A bank debit taken back after its success. There is nothing to contest: it is lost as it comes."""
    details = {"type": "us_bank_account", "us_bank_account": {}}
    dispute = draft(call, charge, "lost", why.code, details, why.network_code)
    events.emit(call, "charge.dispute.created", dispute.body)
    withdraw(call, dispute)
    events.emit(call, "charge.dispute.closed", dispute.body)
    return dispute


def load(call: Call, dispute_id: str, status: int = 400) -> Stored:
    """The dispute, or Refusal resource_missing."""
    found = call.objects.find("dispute", dispute_id)
    if found is None:
        raise no_such("dispute", dispute_id, "dispute", status)
    return found


def retrieve(call: Call) -> Json:
    """One dispute."""
    return load(call, call.path["id"], 404).body


def list_disputes(call: Call) -> Json:
    """Disputes, newest first, by charge and PaymentIntent."""
    where, arguments = [], []
    for name in ("charge", "payment_intent"):
        if name in call.params:
            where.append(f"json_extract(body, '$.{name}') = ?")
            arguments.append(call.params[name])
    return page(call, "dispute", "/v1/disputes", where, arguments)


ENDPOINTS = (
    Endpoint("disputes.list", "GET", "/v1/disputes", DisputeListParams, list_disputes),
    Endpoint("disputes.retrieve", "GET", "/v1/disputes/<id>", DisputeRetrieveParams, retrieve),
)
