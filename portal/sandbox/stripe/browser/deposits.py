"""The hosted page on which a payer types the two small deposits; Stripe mails its address."""

from flask import Blueprint, current_app, render_template, request

from portal.sandbox.stripe.agenda import own_call
from portal.sandbox.stripe.browser.challenge import intent_of, theme
from portal.sandbox.stripe.resources import verifying
from portal.sandbox.stripe.state.objects import account_of
from portal.sandbox.stripe.wire.pipeline import Machine
from portal.sandbox.stripe.wire.refusals import Answer, Refusal

pages = Blueprint("deposits", __name__, template_folder="templates")


@pages.get("/microdeposits/<intent_id>")
def show(intent_id: str) -> str:
    """Two fields, in cents."""
    return page(intent_id, request.args.get("client_secret", ""), "")


@pages.post("/microdeposits/<intent_id>")
def answer(intent_id: str) -> str:
    """Compare what was typed and say how it went."""
    secret = request.form.get("client_secret", "")
    intent_of(intent_id, secret)
    machine: Machine = current_app.extensions["stripe_sandbox"]
    said = ""
    with machine.store.writing() as connection:
        call = own_call(connection, account_of(connection, intent_id) or "", machine.clock.now())
        intent = call.objects.any_kind(intent_id)
        if intent is not None and verifying.waits(intent):
            typed = [request.form.get(name, "") for name in ("first", "second")]
            call.params = {"amounts": [int(text) if text.isdigit() else 0 for text in typed]}
            outcome = verifying.verify(call, intent)
            if isinstance(outcome, Answer) and outcome.status != 200:
                said = outcome.body["error"]["message"]
    machine.news.set()
    return page(intent_id, secret, said)


def page(intent_id: str, secret: str, said: str) -> str:
    """The page as the intent now stands, with what went wrong."""
    intent = intent_of(intent_id, secret)
    action = (intent["next_action"] or {}).get("type")
    waiting = intent["status"] == "requires_action" and action == "verify_with_microdeposits"
    return render_template("deposits.html", intent=intent, secret=secret, said=said, waiting=waiting, theme=theme())


@pages.errorhandler(Refusal)
def refused(refusal: Refusal) -> tuple[str, int]:
    """A wrong address."""
    return "This verification does not exist.", refusal.answer.status
