"""Disputes: a payer's bank asks or takes a charge back; evidence, the outcome, and what it does to the balance.

Source: https://docs.stripe.com/testing, "Disputes" and "Evidence"; https://docs.stripe.com/disputes/how-disputes-work
"""

from stripe.params import DisputeCloseParams, DisputeListParams, DisputeRetrieveParams, DisputeUpdateParams

from portal.sandbox.stripe.resources import balance_transactions, banks, events
from portal.sandbox.stripe.state import diary
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.refusals import Refusal, no_such

FEE_CENTS = 1_500
ANSWER_WITHIN_SECONDS = 9 * 24 * 3600
REASONS = (
    "credit_not_processed",
    "duplicate",
    "fraudulent",
    "general",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
)
OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
# What Stripe's test mode looks for in `uncategorized_text`.
OUTCOMES = {"winning_evidence": "won", "losing_evidence": "lost", "escalate_inquiry_evidence": "escalated"}


def draft(call: Call, charge: Stored, status: str, reason: str, details: Json, network_code: str | None) -> Stored:
    """A new dispute about what is left of the charge; nothing is withdrawn yet."""
    final = status == "lost"
    body: Json = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge.body["amount"] - charge.body["amount_refunded"],
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
    charge.private["refundable"] = body["is_charge_refundable"]
    call.objects.save(charge)
    return call.objects.add("dispute", body)


def open_about(call: Call, charge: Stored, reason: str, *, inquiry: bool) -> Stored:
    """The cardholder's bank opens a dispute, or asks first: an inquiry withdraws nothing."""
    card = charge.body["payment_method_details"]["card"]
    details = {
        "type": "card",
        "card": {
            "brand": card["brand"],
            "case_type": "inquiry" if inquiry else "chargeback",
            "network": card["brand"],
            "network_reason_code": "10.4",
        },
    }
    status = "warning_needs_response" if inquiry else "needs_response"
    dispute = draft(call, charge, status, reason, details, "10.4")
    events.emit(call, "charge.dispute.created", dispute.body)
    if not inquiry:
        withdraw(call, dispute)
    at = dispute.body["evidence_details"]["due_by"]
    diary.plan(call.objects.connection, call.account, "dispute_unanswered", dispute.id, at)
    return dispute


def reinstate(call: Call, dispute: Stored) -> None:
    """Put the money back; the fee stays with Stripe."""
    moved = balance_transactions.move(
        call,
        "adjustment",
        dispute.body["amount"],
        dispute.id,
        category="dispute_reversal",
        currency=dispute.body["currency"],
        description=f"Chargeback reversal for {dispute.body['charge']}",
    )
    dispute.body["balance_transactions"].append(moved)
    call.objects.save(dispute)
    events.emit(call, "charge.dispute.funds_reinstated", dispute.body)


def is_withdrawn(dispute: Stored) -> bool:
    """Whether the money is off the balance now."""
    return sum(int(moved["amount"]) for moved in dispute.body["balance_transactions"]) < 0


def escalate(call: Call, dispute: Stored) -> None:
    """An inquiry becomes a dispute: now the money goes."""
    change(call, dispute, "needs_response")
    events.emit(call, "charge.dispute.updated", dispute.body)
    withdraw(call, dispute)


def close(call: Call, dispute: Stored, outcome: str) -> None:
    """The bank has decided: `won` puts back what was withdrawn, `lost` withdraws what still is here.

    An inquiry that is won is `warning_closed`.
    """
    inquiry = dispute.body["status"].startswith("warning")
    if outcome == "won" and is_withdrawn(dispute):
        reinstate(call, dispute)
    if outcome == "lost" and not is_withdrawn(dispute):
        withdraw(call, dispute)
    change(call, dispute, "warning_closed" if inquiry and outcome == "won" else outcome)
    events.emit(call, "charge.dispute.closed", dispute.body)


def reopen(call: Call, dispute: Stored) -> None:
    """The bank changes its mind about a dispute that was won: the money goes a second time, by the same dispute."""
    change(call, dispute, "under_review")
    events.emit(call, "charge.dispute.updated", dispute.body)
    if not is_withdrawn(dispute):
        withdraw(call, dispute)


def change(call: Call, dispute: Stored, status: str) -> None:
    """Write a new status, and on the charge whether it may be refunded meanwhile."""
    dispute.body["status"] = status
    dispute.body["is_charge_refundable"] = status.startswith("warning")
    call.objects.save(dispute)
    charge = call.objects.find("charge", dispute.body["charge"])
    if charge is not None:
        charge.private["refundable"] = status.startswith("warning") or status == "won"
        call.objects.save(charge)


def update(call: Call) -> Json:
    """Evidence is kept as a draft, or with `submit` (the default) sent to the bank, which here decides at once.

    `uncategorized_text` of `winning_evidence` wins, `losing_evidence` loses; with anything else the bank thinks on.
    """
    dispute = load(call, call.path["id"], 404)
    given = call.params
    if dispute.body["status"] not in OPEN:
        raise Refusal(400, "This dispute is already closed.", "dispute_already_closed")
    if "metadata" in given:
        dispute.body["metadata"] = {**dispute.body["metadata"], **(given["metadata"] or {})}
    evidence = given.get("evidence") or {}
    if evidence:
        dispute.body["evidence"] = {**dispute.body["evidence"], **evidence}
        dispute.body["evidence_details"]["has_evidence"] = True
    call.objects.save(dispute)
    if evidence and given.get("submit", True):
        submit(call, dispute)
    else:
        events.emit(call, "charge.dispute.updated", dispute.body)
    return dispute.body


def submit(call: Call, dispute: Stored) -> None:
    """Send the evidence to the bank."""
    inquiry = dispute.body["status"].startswith("warning")
    dispute.body["evidence_details"]["submission_count"] += 1
    change(call, dispute, "warning_under_review" if inquiry else "under_review")
    events.emit(call, "charge.dispute.updated", dispute.body)
    outcome = OUTCOMES.get(dispute.body["evidence"].get("uncategorized_text", ""))
    if outcome == "escalated" and inquiry:
        escalate(call, dispute)
    elif outcome in ("won", "lost"):
        close(call, dispute, outcome)


def accept(call: Call) -> Json:
    """The business does not contest: lost."""
    dispute = load(call, call.path["id"], 404)
    if dispute.body["status"] not in OPEN:
        raise Refusal(400, "This dispute is already closed.", "dispute_already_closed")
    close(call, dispute, "lost")
    return dispute.body


def on_last_day(call: Call, dispute_id: str) -> None:
    """Diary: nobody has answered. A dispute is lost, an inquiry closes."""
    dispute = load(call, dispute_id)
    if dispute.body["status"] in ("needs_response", "warning_needs_response"):
        dispute.body["evidence_details"]["past_due"] = True
        close(call, dispute, "won" if dispute.body["status"].startswith("warning") else "lost")


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
    Endpoint("disputes.update", "POST", "/v1/disputes/<id>", DisputeUpdateParams, update),
    Endpoint("disputes.close", "POST", "/v1/disputes/<id>/close", DisputeCloseParams, accept),
)
