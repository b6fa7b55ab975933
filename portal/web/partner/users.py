"""A partner's users, for everybody there to see; its admins invite, change roles, approve and remove."""

from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from portal.core.email_address import parse_email
from portal.core.errors import BadInput, Conflict
from portal.core.text import Text, text
from portal.partners import users as managing
from portal.partners.seats import PartnerRole
from portal.partners.users import UserDraft, user_of, users_of
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import current_seat, partner_only
from portal.web.htmx import redirect_to
from portal.web.language import LOCALES, current_locale
from portal.web.partner.acting import actor
from portal.web.partner.blueprint import routes
from portal.web.services import services
from portal.web.units import read_unit, write_unit

ROLE_WORDS: dict[PartnerRole, Text] = {
    "view": text("May look"),
    "pay": text("May look and pay"),
    "admin": text("Admin"),
}
ROLE_NOTES: dict[PartnerRole, Text] = {
    "view": text("Sees what is due, statements and commissions."),
    "pay": text("Pays too, and saves payment methods."),
    "admin": text("All of that, and manages the users."),
}
ROLES: list[Any] = [*ROLE_WORDS.items()]
LANGUAGES: list[Any] = [("en_US", text("English")), ("es_US", text("Spanish"))]
INVITED = text("They can come in now. An e-mail tells them how.")
HELD = text("Their address has another domain than those of your admins. Open their entry below to let them in.")
ROLE_CHANGED = text("The role is changed. It counts at once.")
REMOVED = text("They can no longer come in.")


class RoleForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """What somebody may do."""

    role = RadioField(_l("What may they do?"), [InputRequired(_l("Choose what they may do."))], choices=ROLES)


class InviteForm(RoleForm):
    """Somebody new."""

    first_name = StringField(_l("First name"), [DataRequired(_l("Enter the first name.")), Length(max=80)])
    last_name = StringField(_l("Last name"), [DataRequired(_l("Enter the last name.")), Length(max=80)])
    email = StringField(_l("E-mail address"), [DataRequired(_l("Enter the e-mail address.")), Length(max=254)])
    locale = SelectField(_l("Language of their e-mails"), choices=LANGUAGES)

    def validate_email(self, field: StringField) -> None:
        """An address that mail can reach."""
        try:
            self.address = parse_email(field.data or "")
        except BadInput as error:
            raise ValidationError(say(error.message)) from error


@routes.get("/users")
@partner_only()
def users() -> ResponseReturnValue:
    """Everybody who comes in, or did."""
    return render("partner/users/list.html", users=users_of(read_unit(), current_seat().partner_id), roles=ROLE_WORDS)


@routes.route("/users/invite", methods=["GET", "POST"])
@partner_only("admin")
def invite() -> ResponseReturnValue:
    """Let somebody in, or hold them for approval when their address has another domain."""
    form = InviteForm(locale=current_locale() if current_locale() in LOCALES.values() else "en_US")
    if form.validate_on_submit():
        names = (form.first_name.data or "").strip(), (form.last_name.data or "").strip()
        draft = UserDraft(form.address, form.role.data, *names, form.locale.data)
        try:
            with write_unit() as unit:
                added = managing.add_user(unit, current_seat().partner_id, draft, "invited", actor(), services().now())
        except Conflict as error:
            form.email.errors = [say(error.message)]
        else:
            return _done(INVITED if added.state == "invited" else HELD)
    return render("partner/users/invite.html", form=form, notes=ROLE_NOTES), 422 if form.errors else 200


@routes.get("/users/<int:user_id>")
@partner_only("admin")
def user(user_id: int) -> ResponseReturnValue:
    """One of them: the role, approval, removal."""
    found = user_of(read_unit(), current_seat().partner_id, user_id)
    form = RoleForm(role=found.role)
    return render("partner/users/show.html", user=found, form=form, notes=ROLE_NOTES, roles=ROLE_WORDS)


@routes.post("/users/<int:user_id>/role")
@partner_only("admin")
def change_role(user_id: int) -> ResponseReturnValue:
    """Give somebody another role."""
    user_of(read_unit(), current_seat().partner_id, user_id)
    form = RoleForm()
    if not form.validate():
        return redirect_to(url_for("partner.user", user_id=user_id))
    with write_unit() as unit:
        managing.change_role(unit, current_seat().partner_id, user_id, form.role.data, actor(), services().now())
    return _done(ROLE_CHANGED)


@routes.post("/users/<int:user_id>/approve")
@partner_only("admin")
def approve(user_id: int) -> ResponseReturnValue:
    """Let somebody in whose address has another domain."""
    with write_unit() as unit:
        managing.approve_user(unit, current_seat().partner_id, user_id, actor(), services().now())
    return _done(INVITED)


@routes.post("/users/<int:user_id>/remove")
@partner_only("admin")
def remove(user_id: int) -> ResponseReturnValue:
    """Let somebody in no more."""
    with write_unit() as unit:
        managing.remove_user(unit, current_seat().partner_id, user_id, actor(), services().now())
    return _done(REMOVED)


def _done(words: Text) -> ResponseReturnValue:
    flash(say(words), "ok")
    return redirect_to(url_for("partner.users"))
