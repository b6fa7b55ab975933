"""A payment's own page, by its unguessable name: what is happening, and the confirmation that can be bookmarked."""

from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.documents.filled import receipt_document
from portal.documents.refunded import credit_note as note_of
from portal.payments.apply import apply, load, stop
from portal.payments.fees import fee_name
from portal.payments.gateway import GatewayError
from portal.payments.mandates import mandate_of
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.money_back.models import Refund
from portal.programs.links import current_links
from portal.reference.bank_days import debit_expected_on
from portal.reference.failures import failure_message
from portal.reports.autopay import asked_with
from portal.reports.money_back import disputes_of, refunds_of
from portal.reports.payment import UNMASKED, PaymentView, payment_view, payment_with_receipt
from portal.web.branding import render
from portal.web.guards import holder_only
from portal.web.headers import allow_processor
from portal.web.htmx import is_htmx, redirect_to
from portal.web.paying.charge import answer
from portal.web.paying.till import PaymentsOff, open_till
from portal.web.services import agency, services
from portal.web.units import read_unit

routes = Blueprint("paying", __name__, url_prefix="/payments")
PATIENCE = timedelta(seconds=30)
QUICK_POLLS = 5
WAITING = {"created", "ready", "submitted", "processing", "declined"}


@routes.get("/<token>")
@holder_only
def status(token: str) -> ResponseReturnValue:
    """The payment's page; a fragment of it while the page polls."""
    view = _view(token)
    is_with_bank = view.method_kind == BANK_DEBIT and view.state == "processing"
    poll = request.args.get("poll", 0, type=int)
    values: dict[str, object] = {
        "steps": _steps(),
        "is_fragment": is_htmx(),
        "payment": view,
        "refunds": refunds_of(read_unit(), view.id),
        "disputes": disputes_of(read_unit(), view.id),
        "decline": failure_message(view.method_kind, view.decline_code),
        "try_again_url": _try_again_url(read_unit(), view),
        "fee_name": fee_name,
        "next_poll": poll + 1,
        "poll_seconds": 2 if poll < QUICK_POLLS else 5,
        "can_leave": services().now() - view.created_at > PATIENCE,
        "script": services().processor.script,
        "is_with_bank": is_with_bank,
        "is_bank_debit": view.method_kind == BANK_DEBIT,
        "is_waiting": view.state in WAITING and not is_with_bank,
        "expected_on": debit_expected_on(local_date(view.created_at, agency().time_zone)),
        "autopay": asked_with(read_unit(), view.id) if view.is_by_insured else None,
        "mandate": mandate_of(read_unit(), view.id) if view.method_kind == BANK_DEBIT else None,
    }
    if view.state == "action_required":
        allow_processor()
    return render("paying/_status.html" if is_htmx() else "paying/status.html", **values)


@routes.post("/<token>/refresh")
@holder_only
def refresh(token: str) -> ResponseReturnValue:
    """The bank's step is over, or is to be begun: ask the processor, and say what to do next."""
    view = _view(token)
    try:
        payment = apply(open_till(), view.id, is_watched=True)
    except (GatewayError, PaymentsOff):
        return redirect_to(url_for("paying.status", token=token, steps=_steps()))
    return answer(payment, _steps())


@routes.get("/<token>/back")
@holder_only
def back(token: str) -> ResponseReturnValue:
    """Where a bank's own page sends the browser: ask the processor, then show the payment."""
    view = _view(token)
    with suppress(GatewayError, PaymentsOff):  # the page itself keeps asking
        apply(open_till(), view.id, is_watched=True)
    return redirect_to(url_for("paying.status", token=token, steps=_steps()))


@routes.post("/<token>/cancel")
@holder_only
def cancel(token: str) -> ResponseReturnValue:
    """Give up a payment that waits for the payer's bank, so that another can be made at once."""
    view = _view(token)
    payment = load(read_unit(), view.id)
    if payment.state == "action_required":
        with suppress(GatewayError, PaymentsOff):  # nothing changed; the page shows what is
            stop(open_till(), payment, is_watched=True)
    return redirect_to(url_for("paying.status", token=token))


@routes.get("/<token>/receipt.pdf")
@holder_only
def receipt(token: str) -> ResponseReturnValue:
    """The receipt, for the payer."""
    session = read_unit()
    payment = payment_with_receipt(session, token)
    if payment is None:
        raise NotFound
    document = receipt_document(session, agency(), payment, is_masked=payment.payer_kind not in UNMASKED)
    return Response(
        services().renderer.render(document),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{document.filename}"'},
    )


@routes.get("/<token>/credit-note.pdf")
@holder_only
def credit_note(token: str) -> ResponseReturnValue:
    """The credit note of the refund that the address names, else of the newest, for the payer."""
    view = _view(token)
    session = read_unit()
    query = select(Refund.id).where(Refund.payment_id == view.id).order_by(Refund.id.desc()).limit(1)
    if reference := request.args.get("reference"):
        query = query.where(Refund.reference == reference)
    refund_id = session.scalar(query)
    if refund_id is None:
        raise NotFound
    document = note_of(session, agency(), refund_id, is_masked=view.is_masked)
    return Response(
        services().renderer.render(document),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{document.filename}"'},
    )


def _steps() -> int | None:
    """How many steps the checkout had that ends here; only its own pages say so, no mail does."""
    steps = request.args.get("steps", type=int)
    return steps if steps in {5, 6} else None


def _view(token: str) -> PaymentView:
    view = payment_view(read_unit(), token)
    if view is None:
        raise NotFound
    return view


def _try_again_url(session: Scoped, view: PaymentView) -> str:
    """Back to the door that the payer came through; a link that has taken the place of theirs is not told."""
    if view.payer_kind == "insured":
        return url_for("insured.pay", invoice=[line.invoice_id for line in view.lines])
    if view.partner_id is not None:
        return url_for("partner.pay", partner_id=view.partner_id)
    if view.payer_kind == "link":
        programs = [line.program_id for line in view.lines if line.program_id]
        links = current_links(session, program_ids=programs, invoice_ids=[line.invoice_id for line in view.lines])
        if links and links[0].created_at <= view.created_at:
            return url_for("link.pay", token=links[0].token)
    return url_for("guest.lookup")
