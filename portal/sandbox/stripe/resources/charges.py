"""Charges: one for each time a bank was asked, whether it said yes or no."""

from stripe.params import ChargeListParams, ChargeRetrieveParams

from portal.sandbox.stripe.resources import balance_transactions, events
from portal.sandbox.stripe.resources.cards import Card, Decline
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.refusals import no_such

LONGEST_DESCRIPTOR = 22


def draft(call: Call, intent: Json, method: Stored, prefix: str, details: Json) -> Json:
    """A charge that nobody has answered yet.

    Args:
        prefix: of its id: `ch` for cards, `py` for bank debits.
        details: the member of payment_method_details that is named after the method's type.
    """
    kind = method.body["type"]
    return {
        "id": new_id(prefix),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method.body["billing_details"],
        "calculated_statement_descriptor": statement_descriptor(call.account, intent),
        "captured": False,
        "created": call.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method.id,
        "payment_method_details": {kind: details, "type": kind},
        "presentment_details": None,
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "pending",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }


def make(call: Call, intent: Json, method: Stored, card: Card, decline: Decline | None, *, authenticated: bool) -> Json:
    """Ask the bank: a charge that succeeded, or with a `decline` one that failed. Emits charge.succeeded or .failed."""
    captured = decline is None and intent["capture_method"] != "manual"
    body = draft(call, intent, method, "ch", card_details(method, authenticated))
    body.update(
        amount_captured=intent["amount"] if captured else 0,
        captured=captured,
        failure_code=decline.code if decline else None,
        failure_message=decline.message if decline else None,
        outcome=outcome(decline),
        paid=decline is None,
        status="failed" if decline else "succeeded",
    )
    if captured:
        moved = balance_transactions.for_charge(
            call, body["id"], intent["amount"], intent["currency"], intent["description"]
        )
        body["balance_transaction"] = moved["id"]
    call.objects.add("charge", body, {"number": card.number})
    events.emit(call, "charge.failed" if decline else "charge.succeeded", body)
    return body


def outcome(decline: Decline | None) -> Json:
    """What the bank and the network said, as a charge shows it."""
    return {
        "advice_code": "try_again_later" if decline else None,
        "network_advice_code": None,
        "network_decline_code": "05" if decline else None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline.decline_code if decline else None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "The bank returned the decline code." if decline else "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }


def card_details(method: Stored, authenticated: bool) -> Json:
    """The card as a charge remembers it."""
    card = method.body["card"]
    kept = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "result": "authenticated",
        "result_reason": None,
        "version": "2.2.0",
    }
    return {
        **{name: card[name] for name in kept},
        "authorization_code": "123456",
        "installments": None,
        "mandate": None,
        "network": card["brand"],
        "three_d_secure": secure if authenticated else None,
    }


def statement_descriptor(account: str, intent: Json) -> str:
    """The name on the card statement: the account's, with the intent's suffix, at most 22 characters."""
    parts = [account.upper().replace("_", " "), intent["statement_descriptor_suffix"]]
    return "* ".join(part for part in parts if part)[:LONGEST_DESCRIPTOR]


def list_charges(call: Call) -> Json:
    """Charges, newest first, by customer and PaymentIntent."""
    where, arguments = [], []
    for name in ("customer", "payment_intent", "transfer_group"):
        if name in call.params:
            where.append(f"json_extract(body, '$.{name}') = ?")
            arguments.append(call.params[name])
    return page(call, "charge", "/v1/charges", where, arguments)


def load(call: Call, charge_id: str, param: str, status: int = 400) -> Stored:
    """The charge, or Refusal resource_missing naming `param`."""
    found = call.objects.find("charge", charge_id)
    if found is None:
        raise no_such("charge", charge_id, param, status)
    return found


def retrieve(call: Call) -> Json:
    """One charge."""
    return load(call, call.path["id"], "id", 404).body


ENDPOINTS = (
    Endpoint("charges.list", "GET", "/v1/charges", ChargeListParams, list_charges),
    Endpoint("charges.retrieve", "GET", "/v1/charges/<id>", ChargeRetrieveParams, retrieve),
)
