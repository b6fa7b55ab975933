"""Third step: charge what was reviewed, and answer with what came of it."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.core.clock import local_date
from portal.core.errors import Conflict, TooMany
from portal.core.text import Text, text
from portal.financing.payoffs import quote_payoff
from portal.payments.autopay.beginning import begin_asked
from portal.payments.claims import Order, ReviewChanged
from portal.payments.gateway import GatewayError, MethodPreview
from portal.payments.methods.paying import Use, keep_paid_with
from portal.payments.models import Payment
from portal.payments.submit import by_request, submit
from portal.reference.failures import failure_message
from portal.web.branding import render
from portal.web.htmx import redirect_to
from portal.web.paying.agreed import GOOD_FOR, Agreed, ReviewExpired, unseal
from portal.web.paying.agreeing import AgreeForm, agreement_of, wish_of
from portal.web.paying.begun import remember
from portal.web.paying.card_tries import limited
from portal.web.paying.door import Door, payoff_parts
from portal.web.paying.review_page import show_review
from portal.web.paying.saved import use_of_saved
from portal.web.paying.till import PaymentsOff, open_till, processor_keys
from portal.web.services import agency, services
from portal.web.units import read_unit

PLACE = "payment-token"
UNCHARGED = text("You have not been charged")
NOT_REACHED = text("We could not reach the card processor. You have not been charged. Please try again in a minute.")
STOPPED = text(
    "This payment was stopped before anything was charged. Please try again. If it happens again, please call us."
)


def charge(door: Door) -> ResponseReturnValue:
    """Charge, once: a second press of the button finds the first one's payment, however late it comes."""
    try:
        agreed, shown_at = unseal(request.form.get("agreed", ""))
    except ReviewExpired as error:
        return problem(error.message)
    steps = door.checkout.steps if door.checkout else None
    known = by_request(read_unit(), agreed.request_key)
    if known is not None:
        return answer(known, steps)
    if services().now() - shown_at > GOOD_FOR:
        return problem(ReviewExpired.default, reload_url=door.url("pay"))
    if not {invoice_id for invoice_id, _ in agreed.invoices} <= {invoice.id for invoice in door.payable}:
        return problem(ReviewChanged.default, reload_url=door.url("pay"))
    if agreed.payoff_loan_id is not None and not _still_ends(agreed, agreed.payoff_loan_id):
        return problem(ReviewChanged.default, reload_url=door.url("pay"))
    if agreed.authorization:
        form = AgreeForm()
        if not form.has_agreed():
            return show_review(door, agreed, form), 422
    till = open_till()
    try:
        use = use_of_saved(till, agreed)
    except GatewayError:
        return problem(NOT_REACHED, title=UNCHARGED)
    except Conflict as error:
        return problem(error.message, reload_url=door.url("pay"))
    try:
        payment = limited(lambda: submit(till, _order(door, agreed, use)))
    except TooMany as error:
        return problem(error.message, title=UNCHARGED)
    except Conflict as error:
        return problem(error.message, reload_url=door.url("pay"))
    remember(payment)
    if agreed.saves:
        with suppress(GatewayError):  # the job does it
            keep_paid_with(till, payment.id)
    if agreed.autopay_program_id is not None:
        with suppress(GatewayError):  # the same
            begin_asked(till, payment.id)
    return answer(payment, steps)


def answer(payment: Payment, steps: int | None) -> ResponseReturnValue:
    """What the payer sees of a payment's present state, as the paying page's next fragment or page.

    Args:
        steps: of the checkout that the payment ends; None elsewhere.
    """
    if payment.state == "failed":
        return problem(failure_message(payment.method_kind, payment.decline_code), title=UNCHARGED)
    if payment.state == "canceled":
        return problem(STOPPED, title=UNCHARGED)
    if payment.state == "action_required" and payment.intent_id is not None:
        with suppress(GatewayError, PaymentsOff):
            intent = open_till().gateway.retrieve(payment.intent_id)
            key = processor_keys().publishable_key
            return render(
                "paying/_action.html",
                payment=payment,
                client_secret=intent.client_secret,
                publishable_key=key,
                steps=steps,
            )
    return redirect_to(url_for("paying.status", token=payment.token, steps=steps))


def problem(message: Text, *, title: Text | None = None, reload_url: str = "") -> ResponseReturnValue:
    """Say what is wrong above the form, which stays as it was typed."""
    return render("paying/_problem.html", title=title, message=message, reload_url=reload_url), 422


def _still_ends(agreed: Agreed, loan_id: int) -> bool:
    """Whether today the loan ends with exactly what was reviewed."""
    quote = quote_payoff(read_unit(), loan_id, local_date(services().now(), agency().time_zone))
    return quote.open_cents == dict(agreed.invoices) and payoff_parts(quote) == dict(agreed.parts)


def _order(door: Door, agreed: Agreed, use: Use | None) -> Order:
    method = MethodPreview(
        agreed.token,
        agreed.method_kind,
        agreed.method_brand,
        agreed.method_last4,
        agreed.method_funding,
        datetime.fromtimestamp(agreed.expires_at, UTC),
        agreed.method_fingerprint,
    )
    return Order(
        request_key=agreed.request_key,
        reviewed=dict(agreed.invoices),
        fee_cents=agreed.fee_cents,
        method=method,
        payer=replace(door.payer, name=agreed.payer_name, email=agreed.payer_email),
        parts=dict(agreed.parts),
        payoff_loan_id=agreed.payoff_loan_id,
        return_url=url_for(
            "paying.back", token=PLACE, steps=door.checkout.steps if door.checkout else None, _external=True
        ).replace(PLACE, "{token}"),
        agreement=agreement_of(agreed),
        autopay=wish_of(agreed),
        use=use,
    )
