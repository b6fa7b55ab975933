"""Payouts of commission to partners: the runs, one with its payouts, and what accountants decide of it."""

from collections.abc import Callable
from datetime import date

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput, Conflict, IllegalMove
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.reports.staff_partner_payouts import BANK_HEADER, bank_rows, payout_facts, run_page
from portal.reports.staff_partner_payouts import runs as read_runs
from portal.statements.partner_payouts import (
    approve,
    drop,
    leave_out,
    mark_paid,
    mark_returned,
    propose_now,
)
from portal.statements.remittances import remittance
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.list_address import row_id
from portal.web.pdf_answer import pdf_answer
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

GOES_OUT = frozenset({"approved", "paid"})
"""States of a run whose file may go to the bank."""


class PaidForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """When the bank has paid, and what it calls that."""

    paid_on = DateField(_l("Day of the transfers"), [InputRequired(_l("Enter the day."))])
    reference = StringField(_l("Reference of the bank"), [Length(max=60)])


class ReturnedForm(FlaskForm):  # type: ignore[misc]
    """When a payout came back, and what the bank says."""

    returned_on = DateField(_l("Day it came back"), [InputRequired(_l("Enter the day."))])
    reason = StringField(_l("What the bank says"), [DataRequired(_l("Enter what the bank says.")), Length(max=200)])


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """A decision that asks for nothing more than to be confirmed."""


@routes.get("/partner-payouts")
@staff_only(Permission.SEE_REPORTS)
def partner_payouts() -> ResponseReturnValue:
    """All runs, the newest first, page by page."""
    before = request.args.get("before", type=row_id)
    rows, older = read_runs(read_unit(), before)
    return render("admin/partner_payouts/list.html", runs=rows, older=older, is_newest=before is None)


@routes.post("/partner-payouts/propose")
@staff_only(Permission.MOVE_MONEY)
def propose_payouts() -> ResponseReturnValue:
    """Propose what is payable now, whatever the schedules say."""
    with write_unit() as session:
        run = propose_now(session, _today(), actor(), services().now())
        run_id = run.id if run is not None else None
    if run_id is None:
        flash(say(text("There is nothing to pay out now.")), "info")
        return redirect_to(url_for("admin.partner_payouts"))
    flash(say(text("The run is proposed. Look through it; nothing leaves until it is approved.")), "ok")
    return redirect_to(url_for("admin.payout_run", run_id=run_id))


@routes.get("/partner-payouts/runs/<int:run_id>")
@staff_only(Permission.SEE_REPORTS)
def payout_run(run_id: int) -> ResponseReturnValue:
    """One run with its payouts."""
    return render("admin/partner_payouts/run.html", run=run_page(read_unit(), run_id))


@routes.route("/partner-payouts/runs/<int:run_id>/approve", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def approve_payouts(run_id: int) -> ResponseReturnValue:
    """Say that it may be paid."""
    done = text("The run is approved. Send the file to your bank, and mark the run as paid when the bank has paid it.")
    return _decide("approve", run_id, lambda session: approve(session, run_id, actor(), services().now()), done)


@routes.route("/partner-payouts/runs/<int:run_id>/drop", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY)
def drop_payouts(run_id: int) -> ResponseReturnValue:
    """Give it up; all in it waits for the next run."""
    done = text("The run is dropped. What was in it comes with a later run.")
    return _decide("drop", run_id, lambda session: drop(session, run_id, actor(), services().now()), done)


@routes.get("/partner-payouts/runs/<int:run_id>/bank.csv")
@staff_only(Permission.MOVE_MONEY)
def payouts_for_bank(run_id: int) -> ResponseReturnValue:
    """Whom the bank pays how much; only of a run that is approved."""
    page = run_page(read_unit(), run_id)
    if page.state not in GOES_OUT:
        raise IllegalMove(text("The file for the bank is there once the run is approved."))
    name = f"commissions-{agency().slug}-{page.run_on}-{page.id}"
    return csv_answer(name, BANK_HEADER, bank_rows(read_unit(), run_id))


@routes.route("/partner-payouts/runs/<int:run_id>/paid", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY)
def payouts_paid(run_id: int) -> ResponseReturnValue:
    """The bank has paid it: each partner is told."""
    form = PaidForm()
    if request.method == "GET":
        form.paid_on.data = _today()
    if form.validate_on_submit():
        day, reference = form.paid_on.data, (form.reference.data or "").strip()
        assert day is not None
        try:
            with write_unit() as session:
                mark_paid(session, run_id, day, reference, _today(), actor(), services().now())
        except (BadInput, Conflict, IllegalMove) as error:
            form.form_errors.append(error.message)
        else:
            flash(say(text("The run is paid. Each partner gets a mail with their report.")), "ok")
            return redirect_to(url_for("admin.payout_run", run_id=run_id))
    page = render("admin/partner_payouts/paid.html", run=run_page(read_unit(), run_id), form=form)
    return page, 422 if form.errors or form.form_errors else 200


@routes.get("/partner-payouts/<int:partner_payout_id>")
@staff_only(Permission.SEE_REPORTS)
def partner_payout(partner_payout_id: int) -> ResponseReturnValue:
    """One partner's payout: each commission, and what is taken back."""
    session = read_unit()
    facts = payout_facts(session, partner_payout_id)
    said = remittance(session, agency(), partner_payout_id)
    return render("admin/partner_payouts/show.html", payout=facts, said=said)


@routes.get("/partner-payouts/<int:partner_payout_id>.pdf")
@staff_only(Permission.SEE_REPORTS)
def partner_payout_pdf(partner_payout_id: int) -> ResponseReturnValue:
    """The same as the partner gets it."""
    said = remittance(read_unit(), agency(), partner_payout_id)
    return pdf_answer(said, said.filename)


@routes.post("/partner-payouts/<int:partner_payout_id>/leave-out")
@staff_only(Permission.MOVE_MONEY)
def leave_payout_out(partner_payout_id: int) -> ResponseReturnValue:
    """Take a partner out of a run that is only proposed."""
    facts = payout_facts(read_unit(), partner_payout_id)
    try:
        with write_unit() as session:
            leave_out(session, partner_payout_id, actor(), services().now())
    except (Conflict, IllegalMove) as error:
        flash(say(error.message), "info")
    else:
        flash(say(text("%(partner)s is left out of this run.", partner=facts.partner)), "ok")
    return redirect_to(url_for("admin.payout_run", run_id=facts.run_id))


@routes.route("/partner-payouts/<int:partner_payout_id>/returned", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def payout_returned(partner_payout_id: int) -> ResponseReturnValue:
    """The partner's bank has sent it back."""
    form = ReturnedForm()
    if form.validate_on_submit():
        day, reason = form.returned_on.data, (form.reason.data or "").strip()
        assert day is not None
        try:
            with write_unit() as session:
                mark_returned(session, partner_payout_id, day, reason, _today(), actor(), services().now())
        except (BadInput, Conflict, IllegalMove) as error:
            form.form_errors.append(error.message)
        else:
            flash(say(text("It is noted that the payout came back. The commission is owed again.")), "ok")
            return redirect_to(url_for("admin.partner_payout", partner_payout_id=partner_payout_id))
    facts = payout_facts(read_unit(), partner_payout_id)
    page = render("admin/partner_payouts/returned.html", payout=facts, form=form)
    return page, 422 if form.errors or form.form_errors else 200


def _decide(what: str, run_id: int, act: Callable[[Scoped], None], done: Text) -> ResponseReturnValue:
    """The page that says what follows; then it is done."""
    form = DecisionForm()
    if form.validate_on_submit():
        try:
            with write_unit() as session:
                act(session)
        except (Conflict, IllegalMove) as error:
            form.form_errors.append(error.message)
        else:
            flash(say(done), "ok")
            return redirect_to(url_for("admin.payout_run", run_id=run_id))
    page = render("admin/partner_payouts/decide.html", run=run_page(read_unit(), run_id), form=form, what=what)
    return page, 422 if form.form_errors else 200


def _today() -> date:
    return local_date(services().now(), agency().time_zone)
