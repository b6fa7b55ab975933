"""Admins set how the agency is paid by check or wire; all admins are told, since money goes where this says."""

from collections.abc import Callable

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from portal.access.permissions import Permission
from portal.access.staff_news import tell_staff
from portal.agencies.models import StaffMember
from portal.agencies.pay_by_hand import (
    PayByHand,
    parse_account,
    parse_lines,
    parse_routing,
    pay_by_hand,
    set_pay_by_hand,
)
from portal.core.audit import record
from portal.core.errors import BadInput
from portal.core.tenancy import writing_global
from portal.core.text import text
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import close_read_unit, write_unit

SAVED = text("Saved. Every invoice shows it from now on, and all admins get a mail about it.")
SAME = text("Nothing has changed.")


class PayByHandForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """What invoices say. `wished` is what was typed, once the form holds."""

    payable_to = StringField(_l("Payable to"), [Length(max=80)])
    mail_to = TextAreaField(_l("Mail checks to"), [Length(max=300)])
    bank_name = StringField(_l("Bank"), [Length(max=80)])
    routing_number = StringField(_l("Routing number"), [Length(max=20)])
    account_number = StringField(_l("Account number"), [Length(max=30)])

    def validate_mail_to(self, field: TextAreaField) -> None:
        """Not too many lines."""
        _fits(lambda: PayByHand(mail_to=parse_lines(field.data or "")))

    def validate_routing_number(self, field: StringField) -> None:
        """Nine digits whose check digit fits."""
        _fits(lambda: parse_routing(field.data or ""))

    def validate_account_number(self, field: StringField) -> None:
        """Digits; and a wire is whole or absent."""
        _fits(lambda: parse_account(field.data or ""))
        if not self.routing_number.errors:
            _fits(lambda: self.wished)

    @property
    def wished(self) -> PayByHand:
        """What was typed."""
        return PayByHand(
            " ".join((self.payable_to.data or "").split()),
            parse_lines(self.mail_to.data or ""),
            " ".join((self.bank_name.data or "").split()),
            parse_routing(self.routing_number.data or ""),
            parse_account(self.account_number.data or ""),
        )


@routes.route("/check-and-wire", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def check_and_wire() -> ResponseReturnValue:
    """The form, filled with what is set; saving tells every admin."""
    before = pay_by_hand(agency())
    form = PayByHandForm()
    if form.validate_on_submit():
        if form.wished != before:
            _save(form.wished, before)
        flash(say(SAVED if form.wished != before else SAME), "ok")
        return redirect_to(url_for("admin.check_and_wire"))
    if not form.is_submitted():
        form = PayByHandForm(
            payable_to=before.payable_to,
            mail_to="\n".join(before.mail_to),
            bank_name=before.bank_name,
            routing_number=before.routing_number,
            account_number=before.account_number,
        )
    return render("admin/pay_by_hand.html", form=form), 422 if form.errors else 200


def _save(wished: PayByHand, before: PayByHand) -> None:
    agency_id, now = agency().id, services().now()
    close_read_unit()
    with writing_global(services().engine) as unscoped:
        set_pay_by_hand(unscoped, agency_id, wished)
    services().directory.forget()
    with write_unit() as session:
        record(
            session,
            actor(),
            "pay_by_hand.set",
            "agency",
            agency_id,
            now,
            payable_to=wished.payable_to,
            mail_to=", ".join(wished.mail_to),
            bank=wished.bank_name,
            routing_number=wished.routing_number,
            account_last4=wished.account_last4,
            account_before_last4=before.account_last4,
        )
        admins = select(StaffMember.id).where(StaffMember.is_active, StaffMember.role == "admin")
        for staff_id in session.scalars(admins).all():
            tell_staff(session, "pay_by_hand_set", staff_id, now)


def _fits(read: Callable[[], object]) -> None:
    """See that what was typed can be read; its error goes to the field."""
    try:
        read()
    except BadInput as error:
        raise ValidationError(say(error.message)) from error
