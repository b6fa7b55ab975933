"""Cancel a program for non-payment, and reinstate it: each after a page that says what follows."""

from datetime import date

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import Conflict, NotFound
from portal.core.text import text
from portal.financing.late.models import CancelNotice
from portal.financing.late.terms import late_terms
from portal.programs.models import Program
from portal.reports.staff_notices import staff_notices, staff_reinstatement
from portal.servicing.late.cancel import cancel_program as cancel
from portal.servicing.late.reinstate import VALID_FOR, offer_reinstatement
from portal.servicing.late.reinstate import withdraw_reinstatement as withdraw
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

CANCELED = text("The program is canceled, and the insured is told. Tell the carriers.")
OFFERED = text("The insured has got a mail with the link to pay. Nothing is in force before they have paid.")
TAKEN_BACK = text("The offer is taken back. Its invoice is void.")


@routes.route("/programs/<int:program_id>/notices/<int:notice_id>/cancel", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS, fresh=True)
def cancel_program(program_id: int, notice_id: int) -> ResponseReturnValue:
    """Cancel as of today."""
    session, form = read_unit(), FlaskForm()
    query = select(CancelNotice.id).where(CancelNotice.id == notice_id, CancelNotice.program_id == program_id)
    if session.scalar(query) is None:
        raise NotFound
    if form.validate_on_submit():
        try:
            with write_unit() as writes:
                cancel(writes, notice_id, actor(), _today(), services().now())
        except Conflict as error:
            form.form_errors.append(error.message)
        else:
            flash(say(CANCELED), "ok")
            return redirect_to(url_for("admin.program", program_id=program_id))
    session = read_unit()
    [seen] = [each for each in staff_notices(session, program_id, _today()) if each.notice.id == notice_id]
    program = session.get_one(Program, program_id)
    page = render(
        "admin/notices/cancel.html", form=form, seen=seen, notice=seen.notice, program=program, today=_today()
    )
    return page, 422 if form.form_errors else 200


@routes.route("/programs/<int:program_id>/reinstate", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS, fresh=True)
def reinstate_program(program_id: int) -> ResponseReturnValue:
    """Offer it: an invoice and a mail with the link."""
    _program(program_id)
    form = FlaskForm()
    if form.validate_on_submit():
        try:
            with write_unit() as session:
                offer_reinstatement(session, program_id, actor(), _today(), services().now())
        except Conflict as error:
            form.form_errors.append(error.message)
        else:
            flash(say(OFFERED), "ok")
            return redirect_to(url_for("admin.program", program_id=program_id))
    return _reinstatement("reinstate", program_id, form)


@routes.route("/programs/<int:program_id>/reinstate/withdraw", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS, fresh=True)
def withdraw_reinstatement(program_id: int) -> ResponseReturnValue:
    """Take the offer back."""
    _program(program_id)
    form = FlaskForm()
    if form.validate_on_submit():
        try:
            with write_unit() as session:
                withdraw(session, program_id, actor(), _today(), services().now())
        except Conflict as error:
            form.form_errors.append(error.message)
        else:
            flash(say(TAKEN_BACK), "ok")
            return redirect_to(url_for("admin.program", program_id=program_id))
    return _reinstatement("withdraw_reinstatement", program_id, form)


def _reinstatement(what: str, program_id: int, form: FlaskForm) -> ResponseReturnValue:
    program, session = _program(program_id), read_unit()
    page = render(
        f"admin/notices/{what}.html",
        form=form,
        program=program,
        reinstatement=staff_reinstatement(session, program, _today()),
        fee_cents=late_terms(session).reinstatement_fee_cents,
        expires_on=_today() + VALID_FOR,
    )
    return page, 422 if form.form_errors else 200


def _program(program_id: int) -> Program:
    """A program of this agency.

    Raises:
        NotFound: there is none.
    """
    found = read_unit().get(Program, program_id)
    if found is None:
        raise NotFound
    return found


def _today() -> date:
    return local_date(services().now(), agency().time_zone)
