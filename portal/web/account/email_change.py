"""Changing one's e-mail address: the form, and the pages behind the buttons of the two mails."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import StringField, ValidationError
from wtforms.validators import DataRequired, Length

from portal.access.email_change import ChangeCheck, ask_to_change, check_change, confirm_change, refuse_change
from portal.access.visible import sight_of
from portal.core.audit import Actor
from portal.core.email_address import parse_email
from portal.core.errors import BadInput, Gone, NotFound
from portal.web.account.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import holder_only, insured_only
from portal.web.htmx import is_htmx
from portal.web.language import current_locale
from portal.web.services import services
from portal.web.units import read_unit, write_unit


class EmailForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The new address."""

    email = StringField(_l("New e-mail address"), [DataRequired(_l("Enter your new e-mail address.")), Length(max=254)])

    def validate_email(self, field: StringField) -> None:
        """An address that mail can reach, in its one spelling, and another one than now."""
        try:
            self.address = parse_email(field.data or "")
        except BadInput as error:
            raise ValidationError(say(error.message)) from error


@routes.route("/email", methods=["GET", "POST"])
@insured_only
def email() -> ResponseReturnValue:
    """Ask for the new address, and mail both."""
    if not sight_of(read_unit(), current_user.email):
        raise NotFound
    form = EmailForm()
    asked_of = ""
    if form.validate_on_submit():
        actor = Actor("insured", current_user.email, request.remote_addr or "")
        old = current_user.email
        try:
            ask_to_change(write_unit, services().secret, old, form.address, current_locale(), actor, services().now())
            asked_of = form.address
        except BadInput as error:
            form.email.errors = [say(error.message)]
    page = "account/_email.html" if is_htmx() else "account/email.html"
    return render(page, form=form, old=current_user.email, asked_of=asked_of), 422 if form.errors else 200


@routes.get("/email/<token>")
@holder_only
def email_link(token: str) -> ResponseReturnValue:
    """The page behind a mail's button. Looking changes nothing."""
    return _link_page(token, check_change(read_unit(), services().secret, token, services().now()))


@routes.post("/email/<token>/confirm")
@holder_only
def confirm_email(token: str) -> ResponseReturnValue:
    """A person has confirmed from this mailbox."""
    with write_unit() as unit:
        check = confirm_change(unit, services().secret, token, request.remote_addr or "", services().now())
    return _link_page(token, check)


@routes.post("/email/<token>/refuse")
@holder_only
def refuse_email(token: str) -> ResponseReturnValue:
    """A person has said that it was not them."""
    with write_unit() as unit:
        check = refuse_change(unit, services().secret, token, request.remote_addr or "", services().now())
    return _link_page(token, check)


def _link_page(token: str, check: ChangeCheck | None) -> ResponseReturnValue:
    if check is None:
        raise Gone
    return render("account/email_link.html", token=token, check=check), 410 if check.state == "over" else 200
