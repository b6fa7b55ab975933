"""The credit of customers and partners: who has one, its history, and what becomes of it."""

import secrets
from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput, Conflict
from portal.core.money import format_money, parse_money, plain_money
from portal.core.text import Text, text
from portal.payments.money_back.credit import CHANGED, CreditOwner, apply_credit, pay_out_credit
from portal.reports.credit import CreditPage, OpenInvoice, credit_page, credits
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say, say_date
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

APPLIED = text("The credit is used for the invoice.")
PAID_OUT = text("It is noted that the credit was paid out.")


class ApplyForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Which invoice the credit pays, and how much of it."""

    invoice = RadioField(_l("For which invoice"), [InputRequired(_l("Choose an invoice."))], coerce=int)
    amount = StringField(_l("Amount"), [DataRequired(_l("Enter the amount."))])
    request_key = HiddenField()


class PayOutForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """How much the agency has paid out itself, and how."""

    amount = StringField(_l("Amount"), [DataRequired(_l("Enter the amount."))], id="pay-out-amount")
    reference = StringField(
        _l("Number of your check, or reference of your transfer"),
        [DataRequired(_l("Enter the number of the check, or the reference of the transfer.")), Length(max=40)],
    )
    request_key = HiddenField(id="pay-out-key")


@routes.get("/credits")
@staff_only(Permission.VIEW)
def credits_page() -> ResponseReturnValue:
    """Everybody who has a credit."""
    rows = [(each, _address("", each.owner)) for each in credits(read_unit())]
    return render("admin/credit/list.html", credits=rows)


@routes.get("/insureds/<int:insured_id>/credit")
@staff_only(Permission.VIEW)
def credit(insured_id: int) -> ResponseReturnValue:
    """One insured's credit."""
    return _show(credit_page(read_unit(), CreditOwner(insured_id=insured_id)))


@routes.get("/partners/<int:partner_id>/credit")
@staff_only(Permission.VIEW)
def partner_credit(partner_id: int) -> ResponseReturnValue:
    """One partner's credit."""
    return _show(credit_page(read_unit(), CreditOwner(partner_id=partner_id)))


@routes.route("/insureds/<int:insured_id>/credit/apply", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def use_credit(insured_id: int) -> ResponseReturnValue:
    """Pay an invoice of theirs with it."""
    return _use(CreditOwner(insured_id=insured_id))


@routes.route("/partners/<int:partner_id>/credit/apply", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def use_partner_credit(partner_id: int) -> ResponseReturnValue:
    """Pay an invoice of a partner with it."""
    return _use(CreditOwner(partner_id=partner_id))


@routes.route("/insureds/<int:insured_id>/credit/pay-out", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def pay_credit_out(insured_id: int) -> ResponseReturnValue:
    """Note that the agency has paid it out itself."""
    return _pay_out(CreditOwner(insured_id=insured_id))


@routes.route("/partners/<int:partner_id>/credit/pay-out", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def pay_partner_credit_out(partner_id: int) -> ResponseReturnValue:
    """Note that the agency has paid a partner's out itself."""
    return _pay_out(CreditOwner(partner_id=partner_id))


def _use(owner: CreditOwner) -> ResponseReturnValue:
    page = credit_page(read_unit(), owner)
    form = _apply_form(page)
    if form.validate_on_submit():
        seen = {invoice.id: invoice.open_cents for invoice in page.invoices if invoice.id == form.invoice.data}
        try:
            cents = parse_money(form.amount.data or "")
            if not 0 < cents <= min(page.balance_cents, *seen.values()):
                raise Conflict(CHANGED)
            with write_unit() as session:
                now = services().now()
                today = local_date(now, agency().time_zone)
                apply_credit(session, owner, f"staff:{form.request_key.data}", seen, cents, today, actor(), now)
        except (BadInput, Conflict) as error:
            form.form_errors.append(error.message)
        else:
            flash(say(APPLIED), "ok")
            return redirect_to(_address("", owner))
    return _show(page, apply_form=form)


def _pay_out(owner: CreditOwner) -> ResponseReturnValue:
    page = credit_page(read_unit(), owner)
    form = _pay_out_form(page)
    if form.validate_on_submit():
        try:
            cents = parse_money(form.amount.data or "")
            with write_unit() as session:
                now = services().now()
                today = local_date(now, agency().time_zone)
                key, reference = f"staff:{form.request_key.data}", (form.reference.data or "").strip()
                pay_out_credit(session, owner, key, cents, reference, today, actor(), now)
        except (BadInput, Conflict) as error:
            form.form_errors.append(error.message)
        else:
            flash(say(PAID_OUT), "ok")
            return redirect_to(_address("", owner))
    return _show(page, pay_out_form=form)


def _address(step: str, owner: CreditOwner) -> str:
    """Where one sees a credit (no step), uses it ("use") or notes that it was paid out ("pay")."""
    if owner.partner_id is not None:
        endpoints = {"": "partner_credit", "use": "use_partner_credit", "pay": "pay_partner_credit_out"}
        return url_for(f"admin.{endpoints[step]}", partner_id=owner.partner_id)
    endpoints = {"": "credit", "use": "use_credit", "pay": "pay_credit_out"}
    return url_for(f"admin.{endpoints[step]}", insured_id=owner.insured_id)


def _apply_form(page: CreditPage) -> ApplyForm:
    form = ApplyForm()
    choices: list[Any] = [(invoice.id, invoice.title) for invoice in page.invoices]
    form.invoice.choices = choices
    form.request_key.data = form.request_key.data or secrets.token_urlsafe(18)
    return form


def _pay_out_form(page: CreditPage) -> PayOutForm:
    form = PayOutForm()
    form.amount.data = form.amount.data or plain_money(max(0, page.balance_cents))
    form.request_key.data = form.request_key.data or secrets.token_urlsafe(18)
    return form


def _show(
    page: CreditPage, apply_form: ApplyForm | None = None, pay_out_form: PayOutForm | None = None
) -> ResponseReturnValue:
    form = apply_form or _apply_form(page)
    if page.invoices and not form.amount.data:
        form.amount.data = plain_money(min(max(0, page.balance_cents), page.invoices[0].open_cents))
    shown = render(
        "admin/credit/show.html",
        page=page,
        use_url=_address("use", page.owner),
        pay_out_url=_address("pay", page.owner),
        notes={each.id: _note(each, page.owner) for each in page.invoices},
        apply_form=form,
        pay_out_form=pay_out_form or _pay_out_form(page),
    )
    wrong = any(each.errors for each in (apply_form, pay_out_form) if each is not None)
    return shown, 422 if wrong else 200


def _note(invoice: OpenInvoice, owner: CreditOwner) -> Text:
    """What tells it from the others; a partner's are about many insureds."""
    facts = {
        "number": invoice.number,
        "day": say_date(invoice.due_date),
        "amount": format_money(invoice.open_cents),
        "insured": invoice.insured,
    }
    if owner.partner_id is None:
        return text("%(number)s, due %(day)s, %(amount)s open", **facts)
    return text("%(insured)s: %(number)s, due %(day)s, %(amount)s open", **facts)
