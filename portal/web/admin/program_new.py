"""Staff create a program: for a new customer or one they have, to be billed at once or kept as a draft."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.access.permissions import Permission
from portal.core.errors import Conflict, NotFound
from portal.core.text import text
from portal.insureds.erase import is_erased
from portal.insureds.models import Insured
from portal.programs.models import Program
from portal.reports.staff_customers import customers
from portal.reports.staff_duplicates import customer_twins, policy_twins
from portal.servicing.bind import bind
from portal.servicing.drafts import InsuredDraft, ProgramDraft
from portal.servicing.stored import stored_insureds
from portal.web.admin.blueprint import routes
from portal.web.admin.program_drafts import insured_draft, lists_of, program_draft
from portal.web.admin.program_forms import ProgramForm
from portal.web.admin.program_notes import Note, digest_of, of_billing, of_twins
from portal.web.admin.program_page import binding, empty_policy, new_reference, shown, step_of, with_step
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.list_address import row_id
from portal.web.units import read_unit, write_unit

CREATED = text("The program is created and billed. Nothing was mailed: send the payment link when you are ready.")
KEPT = text("The draft is kept. Nothing is billed yet.")
TAKEN = text("Another program has this number. If you pressed the button twice, it is there already.")


@routes.get("/programs/new/customer")
@staff_only(Permission.MANAGE_PROGRAMS)
def choose_customer() -> ResponseReturnValue:
    """Find the customer whom a new program is for."""
    typed = request.args.get("q", "")[:100].strip()
    found, _ = customers(read_unit(), typed, None) if typed else ([], None)
    return render("admin/program/choose_customer.html", typed=typed, found=found)


@routes.route("/programs/new", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def new_program() -> ResponseReturnValue:
    """The form; what follows, in dollars; then it is stored."""
    insured = _insured(request.values.get("insured_id", "") or request.args.get("insured", ""))
    if request.method == "GET":
        first = empty_policy(0) | {"reference": new_reference("PR-"), "insured_id": str(insured.id) if insured else ""}
        return shown(ProgramForm(MultiDict(first)), insured=insured, status=200)
    changed = with_step(request.form)
    if changed is not None:
        form = ProgramForm(changed)
        form.validate()
        return shown(form, insured=insured, status=200)
    form = ProgramForm()
    is_draft = step_of(request.form) == "draft"
    if not form.holds(is_draft=is_draft):
        return shown(form, insured=insured, is_draft=is_draft)
    draft = _draft(form, insured, is_draft=is_draft)
    if read_unit().scalar(select(Program.id).where(Program.reference == draft.reference)) is not None:
        form.reference.errors = [say(TAKEN)]
        return shown(form, insured=insured, is_draft=is_draft)
    notes = _notes(draft, insured)
    if notes and form.seen.data != digest_of(notes):
        return shown(form, insured=insured, notes=notes, is_draft=is_draft)
    try:
        with write_unit() as session:
            program_id = bind(session, draft, binding())
    except Conflict:
        form.reference.errors = [say(TAKEN)]
        return shown(form, insured=insured, is_draft=is_draft)
    flash(say(KEPT if is_draft else CREATED), "ok")
    return redirect_to(url_for("admin.program", program_id=program_id))


def _insured(typed: str) -> Insured | None:
    """The customer that was chosen, or None.

    Raises:
        NotFound: the agency has none with this id.
    """
    if not typed:
        return None
    try:
        found = read_unit().get(Insured, row_id(typed))
    except ValueError as error:
        raise NotFound from error
    if found is None or is_erased(found):
        raise NotFound
    return found


def _draft(form: ProgramForm, insured: Insured | None, *, is_draft: bool) -> ProgramDraft:
    unit = read_unit()
    owner: InsuredDraft
    if insured is None:
        owner = insured_draft(form, new_reference("C-"))
    else:
        owner = stored_insureds(unit, [insured.reference])[insured.reference].draft
    reference = str(form.reference.value or new_reference("PR-"))
    return program_draft(form, lists_of(unit), owner, reference, is_draft=is_draft)


def _notes(draft: ProgramDraft, insured: Insured | None) -> list[Note]:
    unit = read_unit()
    twins = customer_twins(unit, draft.insured) if insured is None else []
    twins += policy_twins(unit, binding().lookup_key, draft)
    return of_twins(twins) + ([] if draft.is_draft else [of_billing(draft)])
