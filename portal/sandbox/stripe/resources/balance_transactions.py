"""Balance transactions: how each charge moves the account's balance, after Stripe's fee."""

from stripe.params import BalanceTransactionListParams, BalanceTransactionRetrieveParams

from portal.sandbox.stripe.state.objects import Json, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.refusals import no_such

FEE_PERCENT_TENTHS = 29  # 2.9 %
FEE_FIXED_CENTS = 30
AVAILABLE_AFTER_SECONDS = 2 * 24 * 3600


def card_fee_cents(amount_cents: int) -> int:
    """Stripe's fee in cents: 2.9 % rounded half up, plus 30 cents. $100.00 costs $3.20."""
    return (amount_cents * FEE_PERCENT_TENTHS + 500) // 1000 + FEE_FIXED_CENTS


def for_charge(call: Call, charge_id: str, amount_cents: int, currency: str, description: str | None) -> Json:
    """The balance transaction of a successful charge."""
    fee = card_fee_cents(amount_cents)
    body: Json = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount_cents,
        "available_on": call.now + AVAILABLE_AFTER_SECONDS,
        "balance_type": "payments",
        "created": call.now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [
            {
                "amount": fee,
                "application": None,
                "currency": currency,
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }
        ],
        "net": amount_cents - fee,
        "reporting_category": "charge",
        "source": charge_id,
        "status": "pending",
        "type": "charge",
    }
    call.objects.add("balance_transaction", body)
    return body


def at(call: Call, body: Json) -> Json:
    """A balance transaction as it stands now: pending until it is available."""
    return {**body, "status": "available" if body["available_on"] <= call.now else "pending"}


def list_transactions(call: Call) -> Json:
    """Balance transactions, newest first, by type, source and currency. There are no payouts yet."""
    where, arguments = [], []
    for name in ("type", "source", "currency"):
        if name in call.params:
            where.append(f"json_extract(body, '$.{name}') = ?")
            arguments.append(call.params[name])
    if "payout" in call.params:
        raise no_such("payout", call.params["payout"], "payout")
    listed = page(call, "balance_transaction", "/v1/balance_transactions", where, arguments)
    listed["data"] = [at(call, body) for body in listed["data"]]
    return listed


def retrieve(call: Call) -> Json:
    """One balance transaction."""
    found = call.objects.find("balance_transaction", call.path["id"])
    if found is None:
        raise no_such("balance transaction", call.path["id"], "id", 404)
    return at(call, found.body)


ENDPOINTS = (
    Endpoint(
        "balance_transactions.list", "GET", "/v1/balance_transactions", BalanceTransactionListParams, list_transactions
    ),
    Endpoint(
        "balance_transactions.retrieve",
        "GET",
        "/v1/balance_transactions/<id>",
        BalanceTransactionRetrieveParams,
        retrieve,
    ),
)
