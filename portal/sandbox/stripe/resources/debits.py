"""Bank debits: pending for days, then settled or failed; and what is returned after it had succeeded."""

from datetime import UTC, datetime

from portal.sandbox.stripe.resources import (
    balance_transactions,
    banks,
    charges,
    disputes,
    events,
    intent_state,
    mandates,
    payment_methods,
)
from portal.sandbox.stripe.state import diary
from portal.sandbox.stripe.state.objects import Json, Stored
from portal.sandbox.stripe.wire.endpoint import Call
from portal.sandbox.stripe.wire.refusals import Answer

DAY = 24 * 3600
SETTLES_AFTER_SECONDS = 4 * DAY
RETURNS_AFTER_SECONDS = DAY
AVAILABLE_AFTER_SECONDS = DAY
FAILURE_FEE_CENTS = 400


def start(call: Call, intent: Stored, method: Stored, mandate: Json) -> Answer:
    """Send the debit to the bank: charge pending, intent processing, money pending."""
    account = payment_methods.account_of(method)
    amount, currency = intent.body["amount"], intent.body["currency"]
    shown = method.body["us_bank_account"]
    kept = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number")
    expected = datetime.fromtimestamp(call.now + SETTLES_AFTER_SECONDS, UTC).date().isoformat()
    details = {
        **{name: shown[name] for name in kept},
        "expected_debit_date": expected,
        "mandate": mandate["id"],
        "payment_reference": None,
    }
    body = charges.draft(call, intent.body, method, "py", details)
    moved = balance_transactions.move(
        call,
        "payment",
        amount,
        body["id"],
        fee_cents=balance_transactions.debit_fee_cents(amount),
        currency=currency,
        description=intent.body["description"],
        available_after=SETTLES_AFTER_SECONDS + AVAILABLE_AFTER_SECONDS,
        held=True,
    )
    body["balance_transaction"] = moved["id"]
    call.objects.add("charge", body, {"number": account.number})
    method.private["used"] = True
    intent_state.keep_for_later(call, intent, method, authenticated=False)
    intent.body.update(
        status="processing",
        latest_charge=body["id"],
        last_payment_error=None,
        next_action=None,
        payment_method=method.id,
    )
    call.objects.save(intent)
    events.emit(call, "charge.pending", body)
    events.emit(call, "payment_intent.processing", intent.body)
    if not account.stays:
        connection = call.objects.connection
        diary.plan(connection, call.account, "debit_settles", intent.id, call.now + SETTLES_AFTER_SECONDS)
    return Answer(200, intent.body)


def settle(call: Call, intent_id: str) -> None:
    """The bank's answer, by the test account; nothing when it has come already."""
    intent = call.objects.find("payment_intent", intent_id)
    if intent is None or intent.body["status"] != "processing":
        return
    method = payment_methods.load(call, intent.body["payment_method"], "payment_method")
    account = payment_methods.account_of(method)
    if account.failure:
        fail(call, intent, account.failure)
    else:
        succeed(call, intent)


def succeed(call: Call, intent: Stored) -> None:
    """The money is there. A test account for it takes it back a day later."""
    charge = charges.load(call, intent.body["latest_charge"], "charge")
    charge.body.update(
        amount_captured=charge.body["amount"],
        captured=True,
        outcome=charges.outcome(None),
        paid=True,
        status="succeeded",
    )
    call.objects.save(charge)
    balance_transactions.release(call, charge.body["balance_transaction"], AVAILABLE_AFTER_SECONDS)
    intent.body.update(status="succeeded", amount_received=intent.body["amount"])
    call.objects.save(intent)
    events.emit(call, "charge.succeeded", charge.body)
    events.emit(call, "payment_intent.succeeded", intent.body)
    if banks.BY_NUMBER[charge.private["number"]].returns:
        at = call.now + RETURNS_AFTER_SECONDS
        diary.plan(call.objects.connection, call.account, "debit_returns", charge.id, at)


def fail(call: Call, intent: Stored, why: banks.Return) -> None:
    """The bank sends it back before it settled: the pending money goes, and Stripe takes a fee for its trouble."""
    charge = stop(call, intent, why.code, why.message)
    charge.body["outcome"] = {
        **charges.outcome(None),
        "network_status": "declined_by_network",
        "type": "issuer_declined",
    }
    charge.body["outcome"].update(network_decline_code=why.network_code, reason=why.code, seller_message=why.message)
    call.objects.save(charge)
    balance_transactions.move(
        call,
        "stripe_fee",
        -FAILURE_FEE_CENTS,
        None,
        currency=charge.body["currency"],
        description=f"ACH Direct Debit failure fee ({charge.id})",
    )
    events.emit(call, "charge.failed", charge.body)
    method = payment_methods.load(call, charge.body["payment_method"], "payment_method")
    if why is banks.NOT_AUTHORIZED:
        payment_methods.block(call, method, why)
    intent_state.fail(
        call,
        intent,
        method,
        {
            "type": "card_error",
            "code": why.code,
            "charge": charge.id,
            "doc_url": f"https://stripe.com/docs/error-codes/{why.code.replace('_', '-')}",
            "message": why.message,
            "network_decline_code": why.network_code,
        },
    )
    if why is banks.NOT_AUTHORIZED:
        mandates.revoke(call, method.id)


def stop(call: Call, intent: Stored, code: str, message: str) -> Stored:
    """A debit that will not come: its charge has failed, and what was pending is taken back with its fee."""
    charge = charges.load(call, intent.body["latest_charge"], "charge")
    amount = charge.body["amount"]
    back = balance_transactions.move(
        call,
        "payment_failure_refund",
        -amount,
        charge.id,
        fee_cents=-balance_transactions.debit_fee_cents(amount),
        currency=charge.body["currency"],
    )
    balance_transactions.release(call, charge.body["balance_transaction"], 0)
    charge.body.update(
        failure_balance_transaction=back["id"], failure_code=code, failure_message=message, status="failed"
    )
    call.objects.save(charge)
    return charge


def give_back(call: Call, charge_id: str, why: banks.Return = banks.NOT_AUTHORIZED) -> Stored | None:
    """The payer's bank returns a debit that had succeeded: a dispute that is lost at once. None when it had one."""
    charge = charges.load(call, charge_id, "charge")
    if charge.body["status"] != "succeeded" or charge.body["disputed"]:
        return None
    dispute = disputes.returned(call, charge, why)
    method = payment_methods.load(call, charge.body["payment_method"], "payment_method")
    payment_methods.block(call, method, why)
    mandates.revoke(call, method.id)
    return dispute


def on_settling_day(call: Call, intent_id: str) -> None:
    """Diary: the bank answers."""
    settle(call, intent_id)


def on_returning_day(call: Call, charge_id: str) -> None:
    """Diary: the payer goes to their bank."""
    give_back(call, charge_id)
