"""/sandbox/…: what a bank or a payer does later. Debits, refunds, disputes, payouts, fees. JSON or forms."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint
from werkzeug.exceptions import BadRequest, Conflict, NotFound
from werkzeug.wrappers import Response as AnyResponse

from portal.sandbox.stripe.agenda import own_call
from portal.sandbox.stripe.console.controls import done, given, machine, own_pages_only
from portal.sandbox.stripe.resources import balance_transactions, banks, cards, debits, disputes, payouts, refunds
from portal.sandbox.stripe.state.objects import Stored, account_of
from portal.sandbox.stripe.wire.endpoint import Call

pages = Blueprint("happenings", __name__, url_prefix="/sandbox")
pages.before_request(own_pages_only)


@contextmanager
def about(object_id: str, kind: str) -> Iterator[tuple[Call, Stored]]:
    """A call of our own about one object, in one transaction. Raises NotFound."""
    running = machine()
    with running.store.writing() as connection:
        account = account_of(connection, object_id)
        call = own_call(connection, account or "", running.clock.now())
        found = call.objects.find(kind, object_id)
        if found is None:
            raise NotFound(f"no {kind} {object_id}")
        yield call, found
    running.news.set()


def return_named(otherwise: banks.Return) -> banks.Return:
    """The return that `code` names, such as `account_closed`. Raises BadRequest for another."""
    code = given().get("code", otherwise.code)
    if code not in banks.RETURNS:
        raise BadRequest(f"code is one of {', '.join(banks.RETURNS)}")
    return banks.RETURNS[code]


@pages.post("/debits/<intent_id>/settle")
def settle(intent_id: str) -> AnyResponse:
    """The bank has paid a debit that is processing."""
    with about(intent_id, "payment_intent") as (call, intent):
        check_status(intent, ("processing",))
        debits.succeed(call, intent)
    return done(intent.body)


@pages.post("/debits/<intent_id>/fail")
def fail(intent_id: str) -> AnyResponse:
    """The bank sends a debit that is processing back; `code` says why (account_closed)."""
    why = return_named(banks.CLOSED)
    with about(intent_id, "payment_intent") as (call, intent):
        check_status(intent, ("processing",))
        debits.fail(call, intent, why)
    return done(intent.body)


@pages.post("/debits/<intent_id>/return")
def give_back(intent_id: str) -> AnyResponse:
    """The bank takes a debit back that had succeeded; `code` says why (debit_not_authorized)."""
    why = return_named(banks.NOT_AUTHORIZED)
    with about(intent_id, "payment_intent") as (call, intent):
        is_debit = str(intent.body["latest_charge"]).startswith("py_")
        dispute = debits.give_back(call, intent.body["latest_charge"], why) if is_debit else None
        if dispute is None:
            raise Conflict("only a bank debit that has succeeded can be returned, and once")
    return done(dispute.body)


@pages.post("/payment_methods/<method_id>/decline")
def decline(method_id: str) -> AnyResponse:
    """The bank declines a saved card from now on; `code` says why (insufficient_funds), `none` that it pays again."""
    code = given().get("code", "insufficient_funds")
    if code != "none" and code not in cards.DECLINES:
        raise BadRequest(f"code is none, {', '.join(cards.DECLINES)}")
    with about(method_id, "payment_method") as (call, method):
        method.private["declines"] = "" if code == "none" else code
        call.objects.save(method)
    return done(method.body)


@pages.post("/refunds/<refund_id>/succeed")
def refund_arrives(refund_id: str) -> AnyResponse:
    """The bank takes a refund that is pending."""
    with about(refund_id, "refund") as (call, refund):
        check_status(refund, ("pending",))
        refunds.succeed(call, refund)
    return done(refund.body)


@pages.post("/refunds/<refund_id>/fail")
def refund_comes_back(refund_id: str) -> AnyResponse:
    """The bank sends a refund back, also one that had succeeded; `reason` says why (expired_or_canceled_card)."""
    reason = given().get("reason", "expired_or_canceled_card")
    if reason not in refunds.FAILURES:
        raise BadRequest(f"reason is one of {', '.join(refunds.FAILURES)}")
    with about(refund_id, "refund") as (call, refund):
        check_status(refund, ("pending", "succeeded"))
        refunds.fail(call, refund, reason)
    return done(refund.body)


@pages.post("/charges/<charge_id>/dispute")
def dispute(charge_id: str) -> AnyResponse:
    """The cardholder's bank disputes a card's charge, for a `reason` (fraudulent); with `inquiry` it only asks."""
    reason = given().get("reason", "fraudulent")
    if reason not in disputes.REASONS:
        raise BadRequest(f"reason is one of {', '.join(disputes.REASONS)}")
    with about(charge_id, "charge") as (call, charge):
        check_status(charge, ("succeeded",))
        if charge.body["disputed"] or charge.body["payment_method_details"]["type"] != "card":
            raise Conflict("a card's charge can be disputed once; a bank debit is returned")
        opened = disputes.open_about(call, charge, reason, inquiry=bool(given().get("inquiry")))
    return done(opened.body)


@pages.post("/disputes/<dispute_id>/<outcome>")
def decide(dispute_id: str, outcome: str) -> AnyResponse:
    """The bank decides: `won`, `lost`; `escalate` turns an inquiry into a dispute, `reopen` takes a won one back."""
    with about(dispute_id, "dispute") as (call, dispute):
        if outcome in ("won", "lost"):
            check_status(dispute, disputes.OPEN)
            disputes.close(call, dispute, outcome)
        elif outcome == "escalate":
            check_status(dispute, ("warning_needs_response", "warning_under_review"))
            disputes.escalate(call, dispute)
        elif outcome == "reopen":
            check_status(dispute, ("won",))
            disputes.reopen(call, dispute)
        else:
            raise NotFound(f"no outcome {outcome}")
    return done(dispute.body)


@contextmanager
def inside(account: str) -> Iterator[Call]:
    """A call of our own inside one account, in one transaction."""
    running = machine()
    with running.store.writing() as connection:
        yield own_call(connection, account, running.clock.now())
    running.news.set()


def named_account() -> str:
    """The `account` that was sent. Raises BadRequest without."""
    account = given().get("account")
    if not account:
        raise BadRequest("say which account")
    return str(account)


@pages.post("/payouts")
def pay_out() -> AnyResponse:
    """Pay out now what is available in an `account`, as the daily payout does; if `ripe`, what will be, too."""
    with inside(named_account()) as call:
        if given().get("ripe"):
            balance_transactions.ripen(call)
        payout = payouts.pay_out(call)
        if payout is None:
            raise Conflict("nothing is available")
    return done(payout.body)


@pages.post("/payouts/<payout_id>/<step>")
def payout_step(payout_id: str, step: str) -> AnyResponse:
    """`arrive`, `fail` (also after it was paid; `code` says why, could_not_process) or `reconcile` a payout."""
    code = given().get("code", "could_not_process")
    if code not in payouts.FAILURES:
        raise BadRequest(f"code is one of {', '.join(payouts.FAILURES)}")
    with about(payout_id, "payout") as (call, payout):
        if step == "arrive":
            check_status(payout, ("pending", "in_transit"))
            payouts.arrive(call, payout)
        elif step == "fail":
            check_status(payout, ("pending", "in_transit", "paid"))
            payouts.fail(call, payout, code)
        elif step == "reconcile":
            payouts.on_reconciled(call, payout_id)
            payout = payouts.load(call, payout_id)
        else:
            raise NotFound(f"no step {step}")
    return done(payout.body)


@pages.post("/fees")
def take_fee() -> AnyResponse:
    """Stripe charges an `account` for something else: `amount_cents`, `description`."""
    try:
        amount = int(given().get("amount_cents", 200))
    except ValueError as wrong:
        raise BadRequest("amount_cents is a number") from wrong
    with inside(named_account()) as call:
        description = str(given().get("description", "Radar for Fraud Teams"))
        moved = balance_transactions.move(call, "stripe_fee", -amount, None, description=description)
    return done(moved)


def check_status(stored: Stored, allowed: tuple[str, ...]) -> None:
    """Raises Conflict for an object to which this cannot happen any more."""
    if stored.body["status"] not in allowed:
        raise Conflict(f"this {stored.kind} is {stored.body['status']}, not {' or '.join(allowed)}")
