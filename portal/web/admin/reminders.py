"""When customers are reminded: each step, its days, and the hour."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.access.permissions import Permission
from portal.agencies.reminder_settings import reminding_of, set_reminding
from portal.core.audit import record
from portal.core.clock import local_date
from portal.core.text import text
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.reminder_forms import RemindersForm, typed
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

SAVED = text("Saved. It holds for mails from now on; days before today are not made up for.")


@routes.route("/reminders", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS)
def reminders() -> ResponseReturnValue:
    """The page, and what was typed into it."""
    form = RemindersForm()
    if not form.is_submitted():
        form = RemindersForm(MultiDict(typed(reminding_of(read_unit()))), meta={"csrf": False})
    elif form.validate():
        now = services().now()
        with write_unit() as session:
            changes = set_reminding(session, form.reminding, local_date(now, agency().time_zone))
            if changes:
                record(session, actor(), "reminders.set", "agency", agency().id, now, **changes)
        flash(say(SAVED), "ok")
        return redirect_to(url_for("admin.reminders"))
    return render("admin/reminders/settings.html", form=form), 422 if form.errors else 200
