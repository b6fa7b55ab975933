"""What the agency does about installments that are late, what each state allows, and waiving a fee."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import Conflict, NotFound
from portal.core.text import text
from portal.financing.late.models import InstallmentFee
from portal.financing.late.terms import late_terms, set_late_terms
from portal.invoices.models import Invoice
from portal.programs.models import Program
from portal.reference.late_rules import late_rules
from portal.reference.notice_rules import notice_rules
from portal.reports.staff_late import late_cap_words
from portal.servicing.late.fees import waive_fee as waive
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.late_forms import LateForm, WaiveForm, stored
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

SAVED = text("Saved. What was charged already stays as it is.")
WAIVED = text("The fee is waived.")


@routes.route("/late", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS)
def late() -> ResponseReturnValue:
    """The settings, and the rules of the states."""
    form = LateForm()
    if form.validate_on_submit():
        with write_unit() as session:
            set_late_terms(session, form.terms, actor(), services().now())
        flash(say(SAVED), "ok")
        return redirect_to(url_for("admin.late"))
    if not form.is_submitted():
        form = LateForm(stored(late_terms(read_unit())))
    page = render(
        "admin/late/show.html", form=form, rules=late_rules(), notice_rules=notice_rules(), cap_words=late_cap_words
    )
    return page, 422 if form.errors else 200


@routes.route("/programs/<int:program_id>/fees/<int:fee_id>/waive", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def waive_fee(program_id: int, fee_id: int) -> ResponseReturnValue:
    """Waive a fee, after a page that says what follows and asks why."""
    session, form = read_unit(), WaiveForm()
    fee = session.scalars(select(InstallmentFee).where(InstallmentFee.id == fee_id)).one_or_none()
    if fee is None or fee.program_id != program_id:
        raise NotFound
    invoice, program = session.get_one(Invoice, fee.invoice_id), session.get_one(Program, program_id)
    if form.validate_on_submit():
        now = services().now()
        today, note = local_date(now, agency().time_zone), (form.note.data or "").strip()
        try:
            with write_unit() as writes:
                waive(writes, fee_id, form.reason.data, note, actor(), now, today)
        except Conflict as error:
            form.form_errors.append(error.message)
        else:
            flash(say(WAIVED), "ok")
            return redirect_to(url_for("admin.program", program_id=program_id))
    page = render("admin/late/waive.html", form=form, fee=fee, invoice=invoice, program=program)
    return page, 422 if form.errors else 200
