"""Payouts: what is available goes to the business's bank, by itself each midnight (UTC), or by hand.

Source: https://docs.stripe.com/payouts/reconciliation, https://docs.stripe.com/api/payouts
"""

from stripe.params import PayoutCancelParams, PayoutCreateParams, PayoutListParams, PayoutRetrieveParams

from portal.sandbox.stripe.resources import balance_transactions, events
from portal.sandbox.stripe.resources.balance_transactions import DAY
from portal.sandbox.stripe.state import diary
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.refusals import Refusal, no_such

RECONCILED_AFTER_SECONDS = 6 * 3600
ARRIVES_AFTER_SECONDS = 2 * DAY
FAILURES = {
    "account_closed": "The bank account has been closed.",
    "could_not_process": "The bank could not process this payout.",
    "no_account": "The bank account details on file are probably incorrect. No bank account could be located.",
}


def make(call: Call, amount_cents: int, *, automatic: bool, given: Json | None = None) -> Stored:
    """Send money to the bank; it is off the balance at once and arrives two days later."""
    details = given or {}
    body: Json = {
        "id": new_id("po"),
        "object": "payout",
        "amount": amount_cents,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": call.now + ARRIVES_AFTER_SECONDS,
        "automatic": automatic,
        "balance_transaction": None,
        "created": call.now,
        "currency": details.get("currency", "usd"),
        "description": details.get("description") or ("STRIPE PAYOUT" if automatic else None),
        "destination": f"ba_sandbox_{call.account}",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": details.get("metadata") or {},
        "method": details.get("method", "standard"),
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "in_progress" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": details.get("statement_descriptor"),
        "status": "in_transit" if automatic else "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }
    moved = balance_transactions.move(
        call, "payout", -amount_cents, body["id"], currency=body["currency"], description=body["description"]
    )
    body["balance_transaction"] = moved["id"]
    payout = call.objects.add("payout", body)
    events.emit(call, "payout.created", body)
    connection = call.objects.connection
    if automatic:
        balance_transactions.mark_paid_out(call, moved["id"], payout.id)
        at = call.now + RECONCILED_AFTER_SECONDS
        diary.plan(connection, call.account, "payout_reconciled", payout.id, at)
    diary.plan(connection, call.account, "payout_arrives", payout.id, body["arrival_date"])
    return payout


def pay_out(call: Call) -> Stored | None:
    """An automatic payout of everything that is available; None when there is nothing."""
    ready = balance_transactions.payable(call)
    total = sum(int(moved.body["net"]) for moved in ready)
    if total <= 0:
        return None
    payout = make(call, total, automatic=True)
    for moved in ready:
        balance_transactions.mark_paid_out(call, moved.id, payout.id)
    return payout


def create(call: Call) -> Json:
    """By hand: any amount up to what is available. Which movements it pays out is nobody's to say."""
    given = call.params
    available = balance_transactions.available_cents(call)
    if given["amount"] < 1:
        raise Refusal(400, "Invalid positive integer", "parameter_invalid_integer", "amount")
    if given["amount"] > available or given["currency"] != "usd":
        raise Refusal(
            400,
            "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low. You "
            "can use the the /v1/balance endpoint to view your Stripe balance (for more details, see "
            "stripe.com/docs/api#balance).",
            "balance_insufficient",
            "amount",
        )
    return make(call, given["amount"], automatic=False, given=given).body


def arrive(call: Call, payout: Stored) -> None:
    """The bank has it; it can still fail."""
    payout.body.update(status="paid", trace_id={"status": "supported", "value": payout.id[-9:].upper()})
    call.objects.save(payout)
    events.emit(call, "payout.paid", payout.body)


def fail(call: Call, payout: Stored, code: str) -> None:
    """The bank sends it back, also after it was paid: it is on the balance again and goes with the next payout."""
    moved = balance_transactions.move(
        call,
        "payout_failure",
        payout.body["amount"],
        payout.id,
        currency=payout.body["currency"],
        description="REFUND FOR PAYOUT (STRIPE PAYOUT)",
    )
    payout.body.update(
        status="failed", failure_balance_transaction=moved["id"], failure_code=code, failure_message=FAILURES[code]
    )
    call.objects.save(payout)
    events.emit(call, "payout.failed", payout.body)


def reconcile(call: Call, payout: Stored) -> None:
    """From now on the list of what it pays out is complete."""
    payout.body["reconciliation_status"] = "completed"
    call.objects.save(payout)
    events.emit(call, "payout.reconciliation_completed", payout.body)


def on_midnight(call: Call, _account: str) -> None:
    """Diary: the daily payout."""
    pay_out(call)


def on_reconciled(call: Call, payout_id: str) -> None:
    """Diary: Stripe has matched what the payout pays out."""
    payout = load(call, payout_id)
    if payout.body["reconciliation_status"] == "in_progress":
        reconcile(call, payout)


def on_arrival(call: Call, payout_id: str) -> None:
    """Diary: the bank has it."""
    payout = load(call, payout_id)
    if payout.body["status"] in ("pending", "in_transit"):
        arrive(call, payout)


def cancel(call: Call) -> Json:
    """Call a payout by hand back that has not left yet."""
    payout = load(call, call.path["id"], 404)
    if payout.body["status"] != "pending":
        raise Refusal(400, f"Payouts that are {payout.body['status']} cannot be canceled.", "payout_unexpected_state")
    amount, currency = payout.body["amount"], payout.body["currency"]
    moved = balance_transactions.move(call, "payout_cancel", amount, payout.id, currency=currency)
    payout.body.update(status="canceled", failure_balance_transaction=moved["id"])
    call.objects.save(payout)
    events.emit(call, "payout.canceled", payout.body)
    return payout.body


def load(call: Call, payout_id: str, status: int = 400) -> Stored:
    """The payout, or Refusal resource_missing."""
    found = call.objects.find("payout", payout_id)
    if found is None:
        raise no_such("payout", payout_id, "payout", status)
    return found


def retrieve(call: Call) -> Json:
    """One payout."""
    return load(call, call.path["id"], 404).body


def list_payouts(call: Call) -> Json:
    """Payouts, newest first, by status and day of arrival."""
    where: list[str] = []
    arguments: list[str] = []
    if "status" in call.params:
        where.append("json_extract(body, '$.status') = ?")
        arguments.append(call.params["status"])
    return page(call, "payout", "/v1/payouts", where, arguments, ranges=("created", "arrival_date"))


ENDPOINTS = (
    Endpoint("payouts.create", "POST", "/v1/payouts", PayoutCreateParams, create),
    Endpoint("payouts.list", "GET", "/v1/payouts", PayoutListParams, list_payouts),
    Endpoint("payouts.retrieve", "GET", "/v1/payouts/<id>", PayoutRetrieveParams, retrieve),
    Endpoint("payouts.cancel", "POST", "/v1/payouts/<id>/cancel", PayoutCancelParams, cancel),
)
