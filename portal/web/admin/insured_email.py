"""The sign-in of an insured: another address when the mailbox is lost, or a first one; and signing them out."""

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import RadioField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from portal.access.email_change import change_for_insured
from portal.access.insured_sessions import browsers_of_insured, sign_insured_out
from portal.access.permissions import Permission
from portal.core.email_address import parse_email
from portal.core.errors import BadInput, NotFound
from portal.core.text import text
from portal.insureds.dead_addresses import dead_of, mark_dead, revive
from portal.insureds.erase import is_gone
from portal.insureds.models import Insured, InsuredEmail
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import services
from portal.web.units import read_unit, write_unit

CHANGED = text("The address is changed. Both addresses are told by e-mail.")
SIGNED_OUT = text("They are signed out everywhere, and told by e-mail.")
DEAD = text("Reminders to this address have stopped. It stands under Needs attention until it is corrected.")
ALIVE = text("Reminders go to this address again.")
BOUNCED = "Staff saw a mail come back."
ADD = "add"


class InsuredEmailForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Which address, the new one, and why."""

    old = RadioField(_l("Which address?"), [InputRequired(_l("Choose one."))])
    email = StringField(_l("New e-mail address"), [DataRequired(_l("Enter the new e-mail address.")), Length(max=254)])
    reason = StringField(
        _l("Why do they not change it themselves?"), [DataRequired(_l("Enter the reason.")), Length(max=300)]
    )

    def validate_email(self, field: StringField) -> None:
        """An address that mail can reach."""
        try:
            parse_email(field.data or "")
        except BadInput as error:
            raise ValidationError(say(error.message)) from error


@routes.route("/insureds/<int:insured_id>/email", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS, fresh=True)
def insured_email(insured_id: int) -> ResponseReturnValue:
    """The form; the change counts at once."""
    name, emails = _insured(insured_id)
    form = InsuredEmailForm()
    form.old.choices = _choices(emails)
    if form.validate_on_submit():
        old = "" if form.old.data == ADD else form.old.data or ""
        at = services().now()
        try:
            with write_unit() as unit:
                change_for_insured(unit, insured_id, old, form.email.data or "", form.reason.data or "", actor(), at)
        except BadInput as error:
            form.email.errors = [say(error.message)]
        else:
            flash(say(CHANGED), "ok")
            return redirect_to(url_for("admin.insured_email", insured_id=insured_id))
    browsers = browsers_of_insured(read_unit(), insured_id, services().now())
    dead = dead_of(read_unit(), emails)
    shown = {"form": form, "insured_id": insured_id, "name": name, "emails": emails}
    page = render("admin/insured_email/show.html", **shown, browsers=browsers, dead=dead)
    return page, 422 if form.errors else 200


@routes.post("/insureds/<int:insured_id>/email/dead")
@staff_only(Permission.MANAGE_PROGRAMS)
def switch_dead_address(insured_id: int) -> ResponseReturnValue:
    """Say that an address of theirs does not work, because a mail came back; or that it works again."""
    _, emails = _insured(insured_id)
    email, works = request.form.get("email", ""), request.form.get("works") == "y"
    if email not in emails:
        raise BadInput(text("This is none of their addresses any more. Look at the page again."))
    now = services().now()
    with write_unit() as unit:
        if works:
            revive(unit, email, actor(), now)
        else:
            mark_dead(unit, email, "bounced", BOUNCED, actor(), now)
    flash(say(ALIVE if works else DEAD), "ok")
    return redirect_to(url_for("admin.insured_email", insured_id=insured_id))


@routes.post("/insureds/<int:insured_id>/sign-out")
@staff_only(Permission.MANAGE_PROGRAMS, fresh=True)
def sign_out_insured(insured_id: int) -> ResponseReturnValue:
    """End every session of the insured."""
    with write_unit() as unit:
        sign_insured_out(unit, insured_id, actor(), services().now())
    flash(say(SIGNED_OUT), "ok")
    return redirect_to(url_for("admin.insured_email", insured_id=insured_id))


def _insured(insured_id: int) -> tuple[str, list[str]]:
    """The insured's name and addresses.

    Raises:
        NotFound: the agency has no such insured, or they were erased or merged into another one.
    """
    session = read_unit()
    insured = session.get(Insured, insured_id)
    if insured is None or is_gone(insured):
        raise NotFound
    query = select(InsuredEmail.email).where(InsuredEmail.insured_id == insured_id).order_by(InsuredEmail.id)
    return insured.name, list(session.scalars(query))


def _choices(emails: list[str]) -> list[tuple[str, Any]]:
    return [
        *((email, text("Replace %(email)s", email=email)) for email in emails),
        (ADD, text("Add a further address")),
    ]
