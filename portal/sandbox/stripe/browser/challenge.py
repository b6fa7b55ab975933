"""The 3-D Secure challenge: a page of the payer's bank with two buttons, in a frame or as a page of its own."""

from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from portal.sandbox.stripe.resources import intent_state, payment_methods, setup_state
from portal.sandbox.stripe.state.objects import AccountObjects, Json, account_of, new_id
from portal.sandbox.stripe.wire.endpoint import Call
from portal.sandbox.stripe.wire.pipeline import Machine
from portal.sandbox.stripe.wire.refusals import Refusal, no_such, unexpected_state

pages = Blueprint("challenge", __name__, template_folder="templates", static_folder="static", static_url_path="/assets")
KINDS = ("payment_intent", "setup_intent")


def machine() -> Machine:
    """The stand-in that this app serves."""
    running: Machine = current_app.extensions["stripe_sandbox"]
    return running


def intent_of(intent_id: str, client_secret: str) -> Json:
    """The intent for somebody who knows its client secret. Raises Refusal 404 for everybody else."""
    with machine().store.reading() as connection:
        account = account_of(connection, intent_id)
        found = AccountObjects(connection, account).any_kind(intent_id) if account else None
    if found is None or found.kind not in KINDS or found.body["client_secret"] != client_secret:
        raise no_such("payment_intent", intent_id, "intent", 404)
    return found.body


def decide(intent_id: str, client_secret: str, outcome: str) -> Json:
    """The payer passes (`complete`) or does not pass (`fail`) the challenge; the intent afterwards.

    Raises:
        Refusal: 404 for a wrong secret, 400 for another outcome or an intent that waits for no challenge.
    """
    intent_of(intent_id, client_secret)
    if outcome not in ("complete", "fail"):
        raise Refusal(400, "The outcome is `complete` or `fail`.", param="outcome")
    running = machine()
    with running.store.writing() as connection:
        account = account_of(connection, intent_id) or ""
        call = Call(
            account=account,
            secret=True,
            objects=AccountObjects(connection, account),
            now=running.clock.now(),
            origin=request.host_url.rstrip("/"),
            request_id=new_id("req"),
            path={"id": intent_id},
        )
        intent = call.objects.any_kind(intent_id)
        if intent is None or not waits(intent.body):
            raise unexpected_state("This intent waits for no challenge.", intent.body if intent else {})
        method = payment_methods.load(call, intent.body["payment_method"], "payment_method")
        if intent.kind == "setup_intent" and outcome == "complete":
            setup_state.succeed(call, intent, method)
        elif intent.kind == "setup_intent":
            setup_state.fail(call, intent, method, setup_state.FAILED_AUTHENTICATION)
        elif outcome == "complete":
            intent_state.charge(call, intent, method, authenticated=True)
        else:
            intent_state.failed_authentication(call, intent, method)
    running.news.set()
    return intent.body


def waits(intent: Json) -> bool:
    """Whether the payer's bank wants to see the payer."""
    action = (intent["next_action"] or {}).get("type")
    return intent["status"] == "requires_action" and action in ("use_stripe_sdk", "redirect_to_url")


@pages.get("/challenge/<intent_id>")
def show(intent_id: str) -> str:
    """The bank's page."""
    secret = request.args.get("client_secret", "")
    intent = intent_of(intent_id, secret)
    return render_template(
        "challenge.html", intent=intent, secret=secret, redirects="redirect" in request.args, theme=theme()
    )


def theme() -> str:
    """`night` or `day`, as the page around the frame asks."""
    return "night" if request.args.get("theme") == "night" else "day"


@pages.post("/challenge/<intent_id>")
def answer(intent_id: str) -> AnyResponse:
    """What the payer pressed. As a page of its own it leads back to the return_url, as Stripe does."""
    given = request.get_json() if request.is_json else request.form
    secret = str(given.get("client_secret", ""))
    before = intent_of(intent_id, secret)
    after = decide(intent_id, secret, str(given.get("outcome", "")))
    action = before["next_action"]
    if request.is_json or action["type"] != "redirect_to_url":
        return jsonify(after)
    status = "succeeded" if after["status"] == "succeeded" else "failed"
    noun = after["object"]
    query = urlencode({noun: intent_id, f"{noun}_client_secret": secret, "redirect_status": status})
    address = action["redirect_to_url"]["return_url"]
    return redirect(f"{address}{'&' if '?' in address else '?'}{query}", 303)


@pages.errorhandler(Refusal)
def refused(refusal: Refusal) -> tuple[Response, int]:
    """Stripe's envelope for a challenge that cannot be answered."""
    return jsonify(refusal.answer.body), refusal.answer.status
