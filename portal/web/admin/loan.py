"""A program's loan: its figures, who signed it and what is kept, the lender's money, and taking it back."""

from datetime import date

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput, Conflict
from portal.core.text import text
from portal.documents.filled_loan_notice import loan_notice_document
from portal.financing.funding import check_funding, record_funding
from portal.programs.models import Program
from portal.reports.staff_financing import StaffLoan, staff_loan
from portal.servicing.sign import signed_pdf, withdraw
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.financing_forms import FundingForm
from portal.web.admin.lending_forms import plan_words, rate_words
from portal.web.branding import render
from portal.web.browser_names import browser_name
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

FUNDED = text("The lender’s money is recorded.")
IN_FORCE = text("This loan is not canceled. There is nothing to tell the lender.")
WITHDRAWN = text("The agreement is withdrawn. The program is billed in full again.")


@routes.get("/programs/<int:program_id>/loans/<int:loan_id>")
@staff_only(Permission.VIEW)
def loan(program_id: int, loan_id: int) -> ResponseReturnValue:
    """Everything about it."""
    page = _page(program_id, loan_id)
    browser = browser_name(page.signature.browser) if page.signature else None
    return _render("show", page, browser=browser, plan_words=plan_words, rate_words=rate_words)


@routes.get("/programs/<int:program_id>/loans/<int:loan_id>/agreement.pdf")
@staff_only(Permission.VIEW)
def loan_agreement(program_id: int, loan_id: int) -> ResponseReturnValue:
    """The agreement as it was signed: stored then, never made again."""
    found = _page(program_id, loan_id).loan
    return Response(
        signed_pdf(read_unit(), found),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="agreement-{found.number}.pdf"'},
    )


@routes.get("/programs/<int:program_id>/loans/<int:loan_id>/notice.pdf")
@staff_only(Permission.VIEW)
def loan_notice(program_id: int, loan_id: int) -> ResponseReturnValue:
    """What the lender of a canceled program is told."""
    found = _page(program_id, loan_id).loan
    if found.state != "canceled":
        flash(say(IN_FORCE), "info")
        return redirect_to(url_for("admin.loan", program_id=program_id, loan_id=loan_id))
    return Response(
        services().renderer.render(loan_notice_document(read_unit(), agency(), found)),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="cancelation-{found.number}.pdf"'},
    )


@routes.route("/programs/<int:program_id>/loans/<int:loan_id>/funding", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def loan_funding(program_id: int, loan_id: int) -> ResponseReturnValue:
    """The form; then what follows; then it is recorded."""
    page, form = _page(program_id, loan_id), FundingForm()
    zone, now = agency().time_zone, services().now()
    if form.validate_on_submit():
        try:
            check_funding(page.loan, form.funding, zone, now)
            if not form.sure.data:
                return _render("confirm_funding", page, form=form)
            with write_unit() as session:
                record_funding(session, loan_id, form.funding, zone, actor(), now)
        except (BadInput, Conflict) as error:
            form.form_errors.append(error.message)
        else:
            flash(say(FUNDED), "ok")
            return redirect_to(url_for("admin.loan", program_id=program_id, loan_id=loan_id))
    return _render("funding", page, form=form), 422 if form.errors else 200


@routes.route("/programs/<int:program_id>/loans/<int:loan_id>/withdraw", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS, fresh=True)
def withdraw_agreement(program_id: int, loan_id: int) -> ResponseReturnValue:
    """Take the agreement back on the insured's behalf, after a page that says what follows."""
    page, form = _page(program_id, loan_id), FlaskForm()
    if not form.validate_on_submit():
        return _render("withdraw", page, form=form)
    with write_unit() as session:
        withdraw(session, loan_id, actor(), _today(), services().now())
    flash(say(WITHDRAWN), "ok")
    return redirect_to(url_for("admin.program", program_id=program_id))


def _page(program_id: int, loan_id: int) -> StaffLoan:
    return staff_loan(read_unit(), program_id, loan_id, _today())


def _render(template: str, page: StaffLoan, **more: object) -> str:
    program = read_unit().get_one(Program, page.loan.program_id)
    return render(f"admin/loan/{template}.html", page=page, loan=page.loan, program=program, **more)


def _today() -> date:
    return local_date(services().now(), agency().time_zone)
