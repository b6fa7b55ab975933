"""Record a check, wire or cash on a program's invoices, and say what became of a check."""

import secrets
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput, Conflict
from portal.core.money import format_money, parse_money
from portal.core.text import text
from portal.invoices.models import Invoice
from portal.payments.check_image import images_of, is_waiting, keep_image
from portal.payments.claims import AlreadyUnderWay, Payer, held_invoices
from portal.payments.method_name import method_name
from portal.payments.models import Claim, Payment
from portal.payments.offline import Received, bounce_check, check_received, clear_check, record_offline, spread
from portal.reports.staff_program import StaffProgram, staff_program
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.offline_payment_form import LARGEST_FORM, OfflinePaymentForm
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

RECORDED = text("The payment is recorded.")
CLEARED = text("The check has cleared.")
BOUNCED = text("The check has bounced. What it had paid is open again.")
CHOOSE = text("Choose a check on the program's page, and whether it cleared or bounced.")


@routes.route("/programs/<int:program_id>/offline-payment", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True, largest=LARGEST_FORM)
def offline_payment(program_id: int) -> ResponseReturnValue:
    """The form; then what follows, in dollars; then it is recorded."""
    page = _page(program_id)
    payable = [invoice for invoice in page.invoices if invoice.state == "open"]
    form = OfflinePaymentForm()
    choices: list[Any] = [(invoice.id, invoice.title) for invoice in payable]
    form.invoice.choices = choices
    form.request_key.data = form.request_key.data or secrets.token_urlsafe(18)
    is_valid = form.validate_on_submit()
    _keep_image(form)
    if is_valid:
        opens = {invoice.id: invoice.open_cents for invoice in payable if invoice.id in (form.invoice.data or [])}
        received = _received(form, opens, page)
        try:
            check_received(received, local_date(services().now(), agency().time_zone))
            if held_invoices(read_unit(), list(opens)):
                raise AlreadyUnderWay(
                    text("A payment for one of these invoices is under way. Wait for its end; nothing was recorded.")
                )
            if form.seen.data == _seen(opens):
                with write_unit() as session:
                    record_offline(session, received, agency().time_zone, actor(), services().now())
                flash(say(RECORDED), "ok")
                return redirect_to(url_for("admin.program", program_id=program_id))
        except (BadInput, Conflict) as error:
            form.form_errors.append(error.message)
        else:
            landing, credit = spread(received.amount_cents, opens)
            return render(
                "admin/offline_payment/confirm.html",
                page=page,
                form=form,
                received=received,
                what=method_name(received.method, received.reference),
                seen=_seen(opens),
                rows=[(each, landing.get(each.id, 0)) for each in payable if each.id in opens],
                credit_cents=credit,
            )
    notes = {each.id: text("%(amount)s open", amount=format_money(each.open_cents)) for each in payable}
    shown = render("admin/offline_payment/form.html", page=page, form=form, notes=notes)
    return shown, 422 if form.errors or form.form_errors else 200


@routes.route("/programs/<int:program_id>/check", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def check_outcome(program_id: int) -> ResponseReturnValue:
    """What the bank did with a check, after a page that says what follows."""
    page = _page(program_id)
    outcome = request.values.get("outcome", "")
    check = _check(program_id, request.values.get("payment", 0, int))
    if check is None or outcome not in {"cleared", "bounced"}:
        flash(say(CHOOSE), "info")
        return redirect(url_for("admin.program", program_id=program_id))
    form = FlaskForm()
    if not form.validate_on_submit():
        image = images_of(read_unit(), [check.id]).get(check.id, "")
        return render(
            "admin/offline_payment/outcome.html", page=page, check=check, outcome=outcome, image=image, form=form
        )
    now = services().now()
    end, said = (clear_check, CLEARED) if outcome == "cleared" else (bounce_check, BOUNCED)
    with write_unit() as session:
        end(session, check.id, local_date(now, agency().time_zone), actor(), now)
    flash(say(said), "ok")
    return redirect_to(url_for("admin.program", program_id=program_id))


def _received(form: OfflinePaymentForm, opens: dict[int, int], page: StaffProgram) -> Received:
    assert form.received_on.data is not None
    email = page.emails[0] if page.emails else ""
    return Received(
        request_key=f"offline:{form.request_key.data}",
        method=form.method.data,
        reference=form.reference.data or "",
        received_on=form.received_on.data,
        amount_cents=parse_money(form.amount.data or ""),
        reviewed=opens,
        payer=Payer("insured", page.insured.name, email, page.insured.locale),
        image=form.image_token.data or "",
    )


def _keep_image(form: OfflinePaymentForm) -> None:
    """Keep a picture that was sent, whatever else is wrong with the form; forget the name of one that is gone."""
    if form.picture is not None:
        with write_unit() as session:
            form.image_token.data = keep_image(session, form.picture, services().now())
    elif form.image_token.data and not is_waiting(read_unit(), form.image_token.data):
        form.image_token.data = ""


def _seen(opens: dict[int, int]) -> str:
    return ",".join(f"{invoice_id}:{cents}" for invoice_id, cents in opens.items())


def _page(program_id: int) -> StaffProgram:
    return staff_program(read_unit(), program_id, local_date(services().now(), agency().time_zone))


def _check(program_id: int, payment_id: int) -> Payment | None:
    """A check for this program."""
    query = (
        select(Payment)
        .join(Claim, Claim.payment_id == Payment.id)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(Payment.id == payment_id, Payment.method_kind == "check", Invoice.program_id == program_id)
        .limit(1)
    )
    return read_unit().scalars(query).first()
