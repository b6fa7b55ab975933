"""Autopay of a program for staff: what was agreed to, each try, and stopping it. Only the insured can turn it on."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.core.text import Text, text
from portal.payments.autopay.ending import NotOn, stop
from portal.programs.models import Program
from portal.reports.staff_autopay import StaffAutopay, staff_autopay
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.browser_names import browser_name
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

STOPPED = text("Autopay is stopped. The insured is told by mail.")
WAS_OFF = text("Autopay was off already.")
ENDED_WORDS: dict[str, Text] = {
    "insured": text("The insured turned it off"),
    "staff": text("Stopped by staff"),
    "failures": text("Too many payments in a row failed"),
    "returned": text("The bank took a payment back, or closed the account to debits"),
    "method": text("The payment method was removed"),
    "program": text("The program was canceled or archived"),
}


class StopForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Why it is stopped."""

    reason = StringField(_l("Reason"), [DataRequired(_l("Write why, for your colleagues.")), Length(max=300)])


@routes.get("/programs/<int:program_id>/autopay")
@staff_only(Permission.VIEW)
def autopay(program_id: int) -> ResponseReturnValue:
    """Who agreed to what, when and from where; each try; what comes next."""
    program = _program(program_id)
    page = _autopay(program_id)
    return render(
        "admin/autopay/show.html", program=program, page=page, ended_words=ENDED_WORDS, browser_name=browser_name
    )


@routes.route("/programs/<int:program_id>/autopay/stop", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def stop_autopay(program_id: int) -> ResponseReturnValue:
    """Stop it, after a page that says what follows."""
    program, page, form = _program(program_id), _autopay(program_id), StopForm()
    back = url_for("admin.autopay", program_id=program_id)
    if page.line is None:
        flash(say(WAS_OFF), "ok")
        return redirect_to(back)
    if not form.validate_on_submit():
        shown = render("admin/autopay/stop.html", program=program, page=page, form=form)
        return shown, 422 if form.errors else 200
    words = STOPPED
    try:
        with write_unit() as session:
            stop(session, program_id, (form.reason.data or "").strip(), actor(), services().now())
    except NotOn:
        words = WAS_OFF
    flash(say(words), "ok")
    return redirect_to(back)


def _autopay(program_id: int) -> StaffAutopay:
    return staff_autopay(read_unit(), program_id, local_date(services().now(), agency().time_zone))


def _program(program_id: int) -> Program:
    found = read_unit().get(Program, program_id)
    if found is None:
        raise NotFound
    return found
