"""How one program is financed: terms of its own, and who signs for a business."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.core.errors import NotFound
from portal.core.text import text
from portal.financing.terms import drop_terms, set_terms
from portal.insureds.models import Insured
from portal.programs.models import Program
from portal.servicing.checkout import keep_contact
from portal.servicing.quote import lending_terms
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.financing_forms import SignerForm
from portal.web.admin.lending_forms import TermsForm, stored_terms
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import services
from portal.web.units import read_unit, write_unit

OWN = text("This program has terms of its own now.")
AGENCYS = text("The agency’s terms hold for this program again.")
SIGNER = text("Saved.")


@routes.route("/programs/<int:program_id>/financing", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS)
def program_terms(program_id: int) -> ResponseReturnValue:
    """Terms for this program alone; what is signed stays as it is."""
    program, terms = _program(program_id), lending_terms(read_unit(), program_id)
    form = TermsForm()
    if form.validate_on_submit():
        with write_unit() as session:
            set_terms(session, form.draft, program_id, actor(), services().now())
        flash(say(OWN), "ok")
        return redirect_to(url_for("admin.program", program_id=program_id))
    if not form.is_submitted():
        form = TermsForm(stored_terms(terms), meta={"csrf": False})
    is_own = terms is not None and terms.program_id is not None
    shown = render("admin/program/terms.html", program=program, form=form, is_own=is_own)
    return shown, 422 if form.errors else 200


@routes.post("/programs/<int:program_id>/financing/agency-terms")
@staff_only(Permission.MANAGE_TERMS)
def drop_program_terms(program_id: int) -> ResponseReturnValue:
    """Back to the agency's terms."""
    _program(program_id)
    with write_unit() as session:
        drop_terms(session, program_id, actor(), services().now())
    flash(say(AGENCYS), "ok")
    return redirect_to(url_for("admin.program", program_id=program_id))


@routes.route("/programs/<int:program_id>/signer", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def signer(program_id: int) -> ResponseReturnValue:
    """Who signs for a business: without a first and a last name it cannot be financed."""
    program = _program(program_id)
    insured = read_unit().get_one(Insured, program.insured_id)
    form = SignerForm(first_name=insured.contact_first_name, last_name=insured.contact_last_name)
    if form.validate_on_submit():
        with write_unit() as session:
            keep_contact(session, program.insured_id, *form.names, actor(), services().now())
        flash(say(SIGNER), "ok")
        return redirect_to(url_for("admin.program", program_id=program_id))
    shown = render("admin/program/signer.html", program=program, insured=insured, form=form)
    return shown, 422 if form.errors else 200


def _program(program_id: int) -> Program:
    found = read_unit().get(Program, program_id)
    if found is None:
        raise NotFound
    return found
