"""Look at the portal as a customer sees it, and stop."""

from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired

from portal.access.permissions import Permission
from portal.access.viewing import LONGEST, addresses_to_view, end_viewing, start_viewing
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.text import text
from portal.insureds.models import Insured
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import services
from portal.web.units import read_unit, write_unit

OVER = text("You look at the portal as yourself again.")


class ViewForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """As whom."""

    email = RadioField(_l("As whom?"), [InputRequired(_l("Choose one."))])


@routes.route("/customers/<int:insured_id>/view", methods=["GET", "POST"])
@staff_only(Permission.VIEW, fresh=True)
def view_as(insured_id: int) -> ResponseReturnValue:
    """What follows, and as which of their addresses; then the portal as that address sees it."""
    insured = read_unit().get(Insured, insured_id)
    if insured is None:
        raise NotFound
    emails = addresses_to_view(read_unit(), insured_id)
    form = ViewForm()
    choices: list[Any] = [(email, email) for email in emails]
    form.email.choices = choices
    if form.validate_on_submit():
        try:
            with write_unit() as session:
                start_viewing(session, current_user.session_id, insured_id, form.email.data, actor(), services().now())
        except (BadInput, Conflict) as error:
            form.form_errors.append(error.message)
        else:
            return redirect_to(url_for("insured.home"))
    minutes = int(LONGEST.total_seconds()) // 60
    shown = render("admin/viewing/start.html", insured=insured, emails=emails, form=form, minutes=minutes)
    return shown, 422 if form.errors or form.form_errors else 200


@routes.post("/viewing/stop")
@staff_only(Permission.VIEW)
def stop_viewing() -> ResponseReturnValue:
    """Back to one's own work."""
    with write_unit() as session:
        insured_id = end_viewing(session, current_user.session_id, actor(), "stopped", services().now())
    flash(say(OVER), "ok")
    return redirect_to(url_for("admin.customer", insured_id=insured_id) if insured_id else url_for("admin.customers"))
