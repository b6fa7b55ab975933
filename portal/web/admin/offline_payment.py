"""Record a check, wire or cash on a program or a one-time payment, and say what became of a check."""

import secrets
from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput, Conflict
from portal.core.money import format_money, parse_money
from portal.core.text import text
from portal.invoices.models import Invoice
from portal.partners.models import Partner
from portal.payments.check_image import images_of, is_waiting, keep_image
from portal.payments.claims import AlreadyUnderWay, Payer, held_invoices
from portal.payments.method_name import method_name
from portal.payments.models import Claim, Payment
from portal.payments.offline import Received, bounce_check, check_received, clear_check, record_offline, spread
from portal.payments.submit import by_request
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.offline_payment_form import LARGEST_FORM, OfflinePaymentForm
from portal.web.admin.paid_by_hand import PaidItem, one_time_item, program_item
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.list_address import row_id
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

RECORDED = text("The payment is recorded.")
CLEARED = text("The check has cleared.")
BOUNCED = text("The check has bounced. What it had paid is open again.")
CHOOSE = text("Choose a check, and whether it cleared or bounced.")


@routes.route("/programs/<int:program_id>/offline-payment", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True, largest=LARGEST_FORM)
def offline_payment(program_id: int) -> ResponseReturnValue:
    """Record on a program's invoices."""
    return _record(program_item(program_id))


@routes.route("/one-time/<int:one_time_id>/offline-payment", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True, largest=LARGEST_FORM)
def one_time_offline(one_time_id: int) -> ResponseReturnValue:
    """Record on a one-time payment."""
    return _record(one_time_item(one_time_id))


@routes.route("/programs/<int:program_id>/check", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def check_outcome(program_id: int) -> ResponseReturnValue:
    """What the bank did with a check for a program."""
    return _end_check(program_item(program_id))


@routes.route("/one-time/<int:one_time_id>/check", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def one_time_check(one_time_id: int) -> ResponseReturnValue:
    """What the bank did with a check for a one-time payment."""
    return _end_check(one_time_item(one_time_id))


def _record(item: PaidItem) -> ResponseReturnValue:
    """The form; then what follows, in dollars; then it is recorded, once: a second press finds it, however late."""
    form = OfflinePaymentForm()
    choices: list[Any] = [(invoice.id, invoice.title) for invoice in item.to_pay]
    form.invoice.choices = choices
    if not (form.seen.data and form.request_key.data):  # each question has its own key: one asked anew is a new payment
        form.request_key.data = secrets.token_urlsafe(18)
    elif by_request(read_unit(), _request_key(form)) is not None:
        return _recorded(item)
    is_valid = form.validate_on_submit()
    _keep_image(form)
    if is_valid:
        opens = {invoice.id: invoice.open_cents for invoice in item.to_pay if invoice.id in (form.invoice.data or [])}
        received = _received(form, opens, item)
        try:
            check_received(received, local_date(services().now(), agency().time_zone))
            if held_invoices(read_unit(), list(opens)):
                raise AlreadyUnderWay(
                    text("A payment for one of these invoices is under way. Wait for its end; nothing was recorded.")
                )
            if form.seen.data == _seen(opens):
                with write_unit() as session:
                    record_offline(session, received, agency().time_zone, actor(), services().now())
                return _recorded(item)
        except (BadInput, Conflict) as error:
            form.form_errors.append(error.message)
        else:
            landing, credit = spread(received.amount_cents, opens)
            return render(
                "admin/offline_payment/confirm.html",
                item=item,
                form=form,
                received=received,
                what=method_name(received.method, received.reference),
                seen=_seen(opens),
                rows=[(each, landing.get(each.id, 0)) for each in item.to_pay if each.id in opens],
                credit_cents=credit,
            )
    notes = {each.id: text("%(amount)s open", amount=format_money(each.open_cents)) for each in item.to_pay}
    shown = render("admin/offline_payment/form.html", item=item, form=form, notes=notes)
    return shown, 422 if form.errors or form.form_errors else 200


def _recorded(item: PaidItem) -> ResponseReturnValue:
    flash(say(RECORDED), "ok")
    return redirect_to(item.url)


def _end_check(item: PaidItem) -> ResponseReturnValue:
    """A page that says what follows; then it is done."""
    outcome = request.values.get("outcome", "")
    check = _check(item, request.values.get("payment", 0, row_id))
    if check is None or outcome not in {"cleared", "bounced"}:
        flash(say(CHOOSE), "info")
        return redirect(item.url)
    form = FlaskForm()
    if not form.validate_on_submit():
        image = images_of(read_unit(), [check.id]).get(check.id, "")
        return render(
            "admin/offline_payment/outcome.html", item=item, check=check, outcome=outcome, image=image, form=form
        )
    now = services().now()
    end, said = (clear_check, CLEARED) if outcome == "cleared" else (bounce_check, BOUNCED)
    with write_unit() as session:
        end(session, check.id, local_date(now, agency().time_zone), actor(), now)
    flash(say(said), "ok")
    return redirect_to(item.url)


def _request_key(form: OfflinePaymentForm) -> str:
    return f"offline:{form.request_key.data}"


def _received(form: OfflinePaymentForm, opens: dict[int, int], item: PaidItem) -> Received:
    assert form.received_on.data is not None
    return Received(
        request_key=_request_key(form),
        method=form.method.data,
        reference=form.reference.data or "",
        received_on=form.received_on.data,
        amount_cents=parse_money(form.amount.data or ""),
        reviewed=opens,
        payer=_payer(item, opens),
        image=form.image_token.data or "",
    )


def _payer(item: PaidItem, invoice_ids: Iterable[int]) -> Payer:
    """Who pays these, and gets the receipt: of agency bill the partner."""
    named = select(Invoice.partner_id).where(Invoice.id.in_(invoice_ids), Invoice.partner_id.is_not(None))
    partner_id = read_unit().scalar(named.limit(1))
    if partner_id is not None:
        partner = read_unit().get_one(Partner, partner_id)
        return Payer("partner", partner.name, partner.contact_email, "en_US", partner_id)
    return Payer("insured", item.insured.name, item.emails[0] if item.emails else "", item.insured.locale)


def _keep_image(form: OfflinePaymentForm) -> None:
    """Keep a picture that was sent, whatever else is wrong with the form; forget the name of one that is gone."""
    if form.picture is not None:
        with write_unit() as session:
            form.image_token.data = keep_image(session, form.picture, services().now())
    elif form.image_token.data and not is_waiting(read_unit(), form.image_token.data):
        form.image_token.data = ""


def _seen(opens: dict[int, int]) -> str:
    return ",".join(f"{invoice_id}:{cents}" for invoice_id, cents in opens.items())


def _check(item: PaidItem, payment_id: int) -> Payment | None:
    """A check for this."""
    query = (
        select(Payment)
        .join(Claim, Claim.payment_id == Payment.id)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(Payment.id == payment_id, Payment.method_kind == "check", item.which)
        .limit(1)
    )
    return read_unit().scalars(query).first()
