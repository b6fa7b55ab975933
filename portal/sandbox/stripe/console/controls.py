"""/sandbox/…: what tests and the page use to advance the clock, switch faults and read the books. JSON or forms."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, request
from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.wrappers import Response as AnyResponse

from portal.sandbox.stripe.agenda import catch_up
from portal.sandbox.stripe.state.objects import Json, from_row
from portal.sandbox.stripe.wire import faults
from portal.sandbox.stripe.wire.pipeline import Machine

pages = Blueprint("controls", __name__, url_prefix="/sandbox")
IN_BOOKS = {
    "payment_intents": "payment_intent",
    "charges": "charge",
    "balance_transactions": "balance_transaction",
    "customers": "customer",
    "confirmation_tokens": "confirmation_token",
    "mandates": "mandate",
    "refunds": "refund",
    "disputes": "dispute",
    "payouts": "payout",
    "payment_methods": "payment_method",
    "setup_intents": "setup_intent",
}


def machine() -> Machine:
    """The stand-in that this app serves."""
    running: Machine = current_app.extensions["stripe_sandbox"]
    return running


@pages.before_request
def own_pages_only() -> None:
    """A page of another site may not press our buttons."""
    if request.method != "GET" and request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise Forbidden("cross-site")


def given() -> dict[str, Any]:
    """What was sent: JSON, or the filled-in fields of a form."""
    if request.is_json:
        body = request.get_json()
        if not isinstance(body, dict):
            raise BadRequest("send an object")
        return body
    return {name: value for name, value in request.form.items() if value != ""}


def done(body: Json) -> AnyResponse:
    """JSON for a program, back to the page for a person."""
    return jsonify(body) if request.is_json else redirect("/", 303)


@pages.get("/health")
def health() -> Response:
    """Answers as soon as the stand-in does."""
    return jsonify(ok=True, now=machine().clock.now())


@pages.get("/clock")
def clock() -> Response:
    """The stand-in's time."""
    return jsonify(now=machine().clock.now(), offset_seconds=machine().clock.offset_seconds)


@pages.post("/clock")
def advance() -> AnyResponse:
    """Advance it by `advance_seconds`: tokens expire, idempotency keys are forgotten, webhooks fall due."""
    try:
        machine().clock.advance(int(given()["advance_seconds"]))
    except (KeyError, ValueError, OverflowError) as wrong:
        raise BadRequest("advance_seconds must be a number of 0 or more, thirty years at most in all") from wrong
    catch_up(machine())
    machine().news.set()
    return done({"now": machine().clock.now(), "offset_seconds": machine().clock.offset_seconds})


@pages.get("/faults")
def list_faults() -> Response:
    """Faults that are on or used up, the kinds there are, and the rate limit."""
    with machine().store.reading() as connection:
        rows = [dict(row) for row in connection.execute("SELECT * FROM fault ORDER BY id")]
    return jsonify(faults=rows, kinds=faults.KINDS, rate_limit_per_second=machine().limits.per_second)


@pages.post("/faults")
def switch_on() -> AnyResponse:
    """Switch one on: `endpoint`, `kind`, and optionally `count` (null: until cleared), `skip`, `seconds`, `account`."""
    fault = given()
    count = fault.get("count", 1)
    seconds = fault.get("seconds")
    try:
        with machine().store.writing() as connection:
            fault_id = faults.switch_on(
                connection,
                str(fault.get("endpoint", "*")),
                str(fault["kind"]),
                account=fault.get("account"),
                count=None if count in (None, "always") else int(count),
                skip=int(fault.get("skip", 0)),
                seconds=None if seconds is None else float(seconds),
            )
    except (KeyError, ValueError, TypeError) as wrong:
        raise BadRequest(f"kind is one of {', '.join(faults.KINDS)}; count, skip and seconds are numbers") from wrong
    return done({"id": fault_id})


@pages.delete("/faults")
@pages.post("/faults/clear")
def clear() -> AnyResponse:
    """Switch all of them off."""
    with machine().store.writing() as connection:
        connection.execute("DELETE FROM fault")
    machine().limits.per_second = None
    return jsonify(faults=[]) if request.method == "DELETE" else done({"faults": []})


@pages.post("/limits")
def limit() -> AnyResponse:
    """Allow `per_second` calls per account and endpoint (null: as many as come)."""
    wanted = given().get("per_second")
    machine().limits.per_second = None if wanted is None else int(wanted)
    return done({"per_second": machine().limits.per_second})


@pages.post("/reset")
def reset() -> AnyResponse:
    """Forget everything: objects, keys, faults, webhooks, the advanced clock."""
    machine().store.empty()
    machine().clock.reset()
    machine().limits.per_second = None
    return done({"ok": True})


@pages.get("/books")
def books() -> Response:
    """Everything that happened to money, per account; `?account=` for one, `?list=` for that list. Oldest first."""
    only = request.args.get("account")
    asked = set(request.args.getlist("list")) or IN_BOOKS.keys()
    accounts: dict[str, Json] = {}
    with machine().store.reading() as connection:
        owners = connection.execute("SELECT DISTINCT account FROM object WHERE ? IN (account, '')", (only or "",))
        for account in sorted(row["account"] for row in owners):
            accounts[account] = {name: [] for name in IN_BOOKS}
            for name in sorted(IN_BOOKS.keys() & asked):
                rows = connection.execute(
                    "SELECT * FROM object WHERE account = ? AND kind = ? ORDER BY seq", (account, IN_BOOKS[name])
                )
                accounts[account][name] = [from_row(row).body for row in rows]
    for lists in accounts.values():
        lists.update(totals(lists))
    return jsonify(now=machine().clock.now(), accounts=accounts)


def totals(account: Json) -> Json:
    """What an account's lists add up to, in cents. The balance is every net; the rest is before fees."""
    moved = account["balance_transactions"]
    return {
        "balance_cents": sum(each["net"] for each in moved),
        "charged_cents": sum(each["amount_captured"] for each in account["charges"] if each["status"] == "succeeded"),
        "disputed_cents": -sum(each["amount"] for each in moved if each["type"] == "adjustment"),
        "fees_cents": sum(each["fee"] for each in moved)
        - sum(each["amount"] for each in moved if each["type"] == "stripe_fee"),
        "paid_out_cents": sum(
            each["amount"] for each in account["payouts"] if each["status"] not in ("failed", "canceled")
        ),
        "refunded_cents": sum(
            each["amount"] for each in account["refunds"] if each["status"] not in ("failed", "canceled")
        ),
    }


@pages.get("/deliveries")
def deliveries() -> Response:
    """Every webhook, sent or still to be sent, with how it went."""
    with machine().store.reading() as connection:
        rows = [dict(row) for row in connection.execute("SELECT * FROM delivery ORDER BY id")]
    return jsonify(deliveries=rows)
