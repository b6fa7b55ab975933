"""Notices of intent to cancel: sending, taking back, and the queue of those that go by post."""

from datetime import date

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import DateField, SelectMultipleField
from wtforms.validators import InputRequired

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.text import text
from portal.financing.late.models import CancelNotice
from portal.insureds.models import Insured
from portal.programs.models import Program
from portal.reports.staff_notices import staff_notices
from portal.servicing.late.notices import Paper, confirm_notice, notice_pdf
from portal.servicing.late.notices import withdraw_notice as withdraw
from portal.servicing.late.print_queue import mark_mailed, print_notices, to_print
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

SENT = text("The notice is on its way.")
QUEUED = text("The notice is in the print queue. Its days begin when you have mailed it.")
WITHDRAWN = text("The notice is taken back. Tell the insured, if they have got it.")
MAILED = text("Marked as mailed. Their days run now.")


class QueueForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Which notices, and the day on which they are mailed."""

    notice = SelectMultipleField(_l("Notices"), coerce=int)
    day = DateField(_l("Day of mailing"), [InputRequired(_l("Enter the day of mailing."))])


@routes.get("/programs/<int:program_id>/notices/<int:notice_id>.pdf")
@staff_only(Permission.VIEW)
def notice(program_id: int, notice_id: int) -> ResponseReturnValue:
    """The notice as it was sent: stored then, never made again."""
    found = _found(program_id, notice_id)
    return _pdf(notice_pdf(read_unit(), found), f"notice-{found.number}.pdf")


@routes.route("/programs/<int:program_id>/notices/<int:notice_id>/send", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS, fresh=True)
def send_notice(program_id: int, notice_id: int) -> ResponseReturnValue:
    """Let it go, after a page that says what follows."""
    found, form = _found(program_id, notice_id), FlaskForm()
    if not form.validate_on_submit():
        return _confirm("send", program_id, notice_id, form)
    by_post = found.by_post
    try:
        with write_unit() as session:
            confirm_notice(session, notice_id, paper(), actor(), _today(), services().now())
    except Conflict as error:
        return _confirm("send", program_id, notice_id, form, error)
    flash(say(QUEUED if by_post else SENT), "ok")
    return redirect_to(url_for("admin.program", program_id=program_id))


@routes.route("/programs/<int:program_id>/notices/<int:notice_id>/withdraw", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS, fresh=True)
def withdraw_notice(program_id: int, notice_id: int) -> ResponseReturnValue:
    """Take it back, after a page that says what follows."""
    _found(program_id, notice_id)
    form = FlaskForm()
    if not form.validate_on_submit():
        return _confirm("withdraw", program_id, notice_id, form)
    try:
        with write_unit() as session:
            withdraw(session, notice_id, actor(), services().now())
    except Conflict as error:
        return _confirm("withdraw", program_id, notice_id, form, error)
    flash(say(WITHDRAWN), "ok")
    return redirect_to(url_for("admin.program", program_id=program_id))


@routes.route("/notices/print", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS)
def print_queue() -> ResponseReturnValue:
    """What waits to be mailed: tick, print for a day, mail, and mark as mailed."""
    waiting = _waiting()
    form = QueueForm(data={"day": _today(), "notice": [each.id for each, *_ in waiting]})
    form.notice.choices = [(each.id, each.number) for each, *_ in waiting]
    if form.validate_on_submit():
        chosen, day, now = form.notice.data or [], form.day.data or date.min, services().now()
        try:
            with write_unit() as session:
                if "print" in request.form:
                    pdfs = print_notices(session, chosen, day, paper(), actor(), _today(), now)
                else:
                    mark_mailed(session, chosen, day, actor(), _today(), now)
        except (BadInput, Conflict) as error:
            form.form_errors.append(error.message)
        else:
            if "print" in request.form:
                return _pdf(services().renderer.together(pdfs), f"notices-{day.isoformat()}.pdf")
            flash(say(MAILED), "ok")
            return redirect_to(url_for("admin.print_queue"))
    page = render("admin/notices/print_queue.html", form=form, waiting=waiting)
    return page, 422 if form.errors else 200


def paper() -> Paper:
    """What this agency's notices are printed with."""
    own = agency()
    return Paper(own, services().renderer, lambda token: services().links.url(own, "link.pay", token=token))


def _found(program_id: int, notice_id: int) -> CancelNotice:
    """A notice of this program.

    Raises:
        NotFound: there is none.
    """
    query = select(CancelNotice).where(CancelNotice.id == notice_id, CancelNotice.program_id == program_id)
    found = read_unit().scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def _waiting() -> list[tuple[CancelNotice, Program, Insured]]:
    session = read_unit()
    rows = to_print(session)
    query = select(Program, Insured).join(Insured, Insured.id == Program.insured_id)
    owners = {
        program.id: (program, insured)
        for program, insured in session.execute(query.where(Program.id.in_([row.program_id for row in rows])))
    }
    return [(row, *owners[row.program_id]) for row in rows]


def _confirm(
    what: str, program_id: int, notice_id: int, form: FlaskForm, error: Conflict | None = None
) -> ResponseReturnValue:
    if error is not None:
        form.form_errors.append(error.message)
    session = read_unit()
    [seen] = [each for each in staff_notices(session, program_id, _today()) if each.notice.id == notice_id]
    program = session.get_one(Program, program_id)
    page = render(f"admin/notices/{what}.html", form=form, seen=seen, notice=seen.notice, program=program)
    return page, 422 if error else 200


def _pdf(data: bytes, name: str) -> Response:
    return Response(data, mimetype="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _today() -> date:
    return local_date(services().now(), agency().time_zone)
