"""Balance transactions: each movement of the account's balance, after Stripe's fee."""

from stripe.params import BalanceTransactionListParams, BalanceTransactionRetrieveParams

from portal.sandbox.stripe.state import diary
from portal.sandbox.stripe.state.objects import Json, Stored, new_id
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.refusals import Refusal, no_such

DAY = 24 * 3600
FEE_PERCENT_TENTHS = 29  # 2.9 %
FEE_FIXED_CENTS = 30
DEBIT_FEE_PERCENT_TENTHS = 8  # 0.8 %
DEBIT_FEE_MOST_CENTS = 500
AVAILABLE_AFTER_SECONDS = 2 * DAY
AVAILABLE = "json_extract(body, '$.available_on') <= ? AND NOT COALESCE(json_extract(private, '$.held'), 0)"
NOT_PAID_OUT = "json_extract(private, '$.payout') IS NULL"
OF_PAYOUT = "json_extract(private, '$.payout') = ?"
# Type -> how Stripe's reports call it, where they use another word.
CATEGORIES = {
    "payment": "charge",
    "payment_failure_refund": "charge_failure",
    "payment_refund": "refund",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "stripe_fee": "fee",
}


def card_fee_cents(amount_cents: int) -> int:
    """Stripe's fee in cents: 2.9 % rounded half up, plus 30 cents. $100.00 costs $3.20."""
    return (amount_cents * FEE_PERCENT_TENTHS + 500) // 1000 + FEE_FIXED_CENTS


def debit_fee_cents(amount_cents: int) -> int:
    """Stripe's fee for a bank debit in cents: 0.8 % rounded half up, $5.00 at most. $100.00 costs $0.80."""
    return min((amount_cents * DEBIT_FEE_PERCENT_TENTHS + 500) // 1000, DEBIT_FEE_MOST_CENTS)


def move(
    call: Call,
    kind: str,
    amount_cents: int,
    source: str | None,
    *,
    fee_cents: int = 0,
    fee_for: str = "Stripe processing fees",
    category: str | None = None,
    currency: str = "usd",
    description: str | None = None,
    available_after: int = 0,
    held: bool = False,
) -> Json:
    """Keep one movement and answer it.

    Args:
        call: the call that caused it.
        kind: Stripe's type, such as `charge` or `payout_failure`.
        amount_cents: what comes in, negative for what goes out; before the fee.
        source: id of what it belongs to.
        fee_cents: taken off in addition; negative when given back.
        fee_for: what the fee is called.
        category: Stripe's reporting_category where it does not follow from `kind`.
        available_after: seconds until it may be paid out.
        held: it stays pending however late it is, until `release`: a bank debit on its way.
    """
    fee_detail = {
        "amount": fee_cents,
        "application": None,
        "currency": currency,
        "description": fee_for,
        "type": "stripe_fee",
    }
    body: Json = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount_cents,
        "available_on": call.now + available_after,
        "balance_type": "payments",
        "created": call.now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee_cents,
        "fee_details": [fee_detail] if fee_cents else [],
        "net": amount_cents - fee_cents,
        "reporting_category": category or CATEGORIES.get(kind, kind),
        "source": source,
        "status": "pending",
        "type": kind,
    }
    call.objects.add("balance_transaction", body, {"held": held})
    if not held:
        plan_payout(call, body["available_on"])
    return body


def plan_payout(call: Call, available_on: int) -> None:
    """The next midnight (UTC) after it is available pays it out."""
    midnight = (available_on // DAY + 1) * DAY
    diary.plan(call.objects.connection, call.account, "payout", call.account, midnight)


def for_charge(call: Call, charge_id: str, amount_cents: int, currency: str, description: str | None) -> Json:
    """The balance transaction of a successful charge."""
    return move(
        call,
        "charge",
        amount_cents,
        charge_id,
        fee_cents=card_fee_cents(amount_cents),
        currency=currency,
        description=description,
        available_after=AVAILABLE_AFTER_SECONDS,
    )


def release(call: Call, transaction_id: str, available_after: int) -> None:
    """What was held will be available in so many seconds from now."""
    held = call.objects.find("balance_transaction", transaction_id)
    if held is not None:
        held.private["held"] = False
        held.body["available_on"] = call.now + available_after
        call.objects.save(held)
        plan_payout(call, held.body["available_on"])


def ripen(call: Call) -> None:
    """What is not held is available now, as if its days had passed."""
    for each in call.objects.every("balance_transaction", NOT_PAID_OUT):
        if not each.private.get("held") and each.body["available_on"] > call.now:
            each.body["available_on"] = call.now
            call.objects.save(each)


def at(call: Call, stored: Stored) -> Json:
    """A balance transaction as it stands now: pending until it is available."""
    ready = stored.body["available_on"] <= call.now and not stored.private.get("held")
    return {**stored.body, "status": "available" if ready else "pending"}


def payable(call: Call) -> list[Stored]:
    """What is available and in no automatic payout yet, oldest first; payouts by hand lessen it."""
    return call.objects.every("balance_transaction", f"{AVAILABLE} AND {NOT_PAID_OUT}", (call.now,), "ORDER BY seq")


def available_cents(call: Call) -> int:
    """What may be paid out now."""
    return sum_of(call, AVAILABLE, (call.now,))


def sum_of(call: Call, where: str, arguments: tuple[int, ...]) -> int:
    """The sum of some nets, in cents. `where` is SQL of our own over the columns of `object`."""
    row = call.objects.connection.execute(
        f"SELECT COALESCE(SUM(json_extract(body, '$.net')), 0) AS cents FROM object "  # noqa: S608  # nosec B608
        f"WHERE account = ? AND kind = 'balance_transaction' AND ({where})",
        (call.account, *arguments),
    ).fetchone()
    return int(row["cents"])


def mark_paid_out(call: Call, transaction_id: str, payout_id: str) -> None:
    """This movement is part of that payout."""
    moved = call.objects.find("balance_transaction", transaction_id)
    if moved is not None:
        moved.private["payout"] = payout_id
        call.objects.save(moved)


def of_payout(call: Call, payout_id: str) -> tuple[str, list[str]]:
    """A condition for the movements in an automatic payout; while Stripe still matches them, for the payout's own only.

    Raises:
        Refusal: 400 for an unknown payout, and for one by hand.
    """
    payout = call.objects.find("payout", payout_id)
    if payout is None:
        raise no_such("payout", payout_id, "payout")
    if not payout.body["automatic"]:
        raise Refusal(
            400,
            "Balance transaction history can only be filtered on automatic transfers, not manual.",
            param="payout",
        )
    if payout.body["reconciliation_status"] == "in_progress":
        return f"{OF_PAYOUT} AND json_extract(body, '$.source') = ?", [payout_id, payout_id]
    return OF_PAYOUT, [payout_id]


def list_transactions(call: Call) -> Json:
    """Balance transactions, newest first, by payout, type, source, currency and time."""
    where, arguments = [], []
    for name in ("type", "source", "currency"):
        if name in call.params:
            where.append(f"json_extract(body, '$.{name}') = ?")
            arguments.append(call.params[name])
    if "payout" in call.params:
        condition, values = of_payout(call, call.params["payout"])
        where.append(condition)
        arguments.extend(values)
    return page(call, "balance_transaction", "/v1/balance_transactions", where, arguments, show=at)


def retrieve(call: Call) -> Json:
    """One balance transaction."""
    found = call.objects.find("balance_transaction", call.path["id"])
    if found is None:
        raise no_such("balance transaction", call.path["id"], "id", 404)
    return at(call, found)


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
