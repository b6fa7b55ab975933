"""Staff edit a program; of two who do so at once, the second is told what the first has changed and loses nothing."""

import json
from dataclasses import replace

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.access.permissions import Permission
from portal.core.errors import Conflict, NotFound
from portal.core.text import text
from portal.reports.staff_duplicates import policy_twins
from portal.servicing.drafts import ProgramDraft
from portal.servicing.editing import Editable, edit_program, leave_out, load_editable
from portal.web.admin.blueprint import routes
from portal.web.admin.partner_choice import keep_partner
from portal.web.admin.program_drafts import insured_draft, lists_of, program_draft
from portal.web.admin.program_forms import ProgramForm
from portal.web.admin.program_notes import Note, digest_of, of_editing, of_twins
from portal.web.admin.program_page import binding, shown, step_of, with_step
from portal.web.admin.typed_program import Clash, Fields, free_fields, merge, refused_fields, typed_program
from portal.web.filters import say
from portal.web.guards import is_fresh, staff_only
from portal.web.htmx import redirect_to
from portal.web.units import read_unit, write_unit

SAVED = text("Saved.")
BILLED = text("Saved, and billed. Nothing was mailed: send the payment link when you are ready.")
STALE = text("The other address can sign in and see this program. Show your second step again, then save.")


@routes.route("/programs/<int:program_id>/edit", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def edit_program_page(program_id: int) -> ResponseReturnValue:
    """The form as it is stored; what follows, in dollars; then it is stored."""
    editable = load_editable(read_unit(), program_id)
    if editable is None:
        raise NotFound
    keep_partner(editable.program.draft.partner_id)
    theirs = typed_program(editable)
    if editable.is_archived:
        raise Conflict(text("The program is archived. Take it out of the archive to edit it."))
    if request.method == "GET":
        return _opened(editable, theirs)
    base = _base(theirs)
    mine, refused = _sent(editable, base)
    if refused:
        form = ProgramForm(mine)
        form.validate()
        return shown(form, editable=editable, clashes=refused, status=422)
    changed = with_step(mine)
    if changed is not None:
        form = ProgramForm(changed)
        form.validate()
        return shown(form, editable=editable, status=200)
    return _save(program_id, editable, base, mine)


def _opened(editable: Editable, stored: Fields) -> ResponseReturnValue:
    form = ProgramForm(MultiDict(dict(stored)))
    form.base.data = json.dumps(stored)
    return shown(form, editable=editable, is_draft=editable.program.draft.is_draft, status=200)


def _save(program_id: int, editable: Editable, base: Fields, mine: MultiDict[str, str]) -> ResponseReturnValue:
    """Store it, unless somebody else has saved since the form was opened, or there is something to read first."""
    theirs = typed_program(editable)
    is_draft = editable.program.draft.is_draft and step_of(mine) == "draft"
    if base != theirs:
        return _clashed(editable, base, theirs, mine, is_draft=is_draft)
    form = ProgramForm(mine)
    if not form.holds(is_draft=is_draft) or not _may_write_to(form, editable):
        return shown(form, editable=editable, is_draft=is_draft)
    new = _draft(form, editable, is_draft=is_draft)
    notes = _notes(editable, new)
    if notes and form.seen.data != digest_of(notes):
        return shown(form, editable=editable, notes=notes, is_draft=is_draft)
    try:
        with write_unit() as session:
            held = load_editable(session, program_id, lock=True)
            assert held is not None  # programs are never deleted
            if typed_program(held) == base:
                left = leave_out(session, held, _left_out(form, held), binding())
                edit_program(session, left, new, binding())
                held = None
    except Conflict as error:
        form.form_errors.append(error.message)
        return shown(form, editable=load_editable(read_unit(), program_id), is_draft=is_draft)
    if held is not None:
        return _clashed(held, base, typed_program(held), mine, is_draft=is_draft)
    flash(say(BILLED if editable.program.draft.is_draft and not is_draft else SAVED), "ok")
    return redirect_to(url_for("admin.program", program_id=program_id))


def _clashed(editable: Editable, base: Fields, theirs: Fields, mine: Fields, *, is_draft: bool) -> ResponseReturnValue:
    """The form with both editors' changes; what is sent next is compared with what is stored now."""
    own = {name: value for name, value in mine.items() if name in base or name.startswith("policies-")}
    merged, clashes = merge(base, theirs, own)
    form = ProgramForm(MultiDict(merged))
    form.validate()
    form.base.data = json.dumps(theirs)
    return shown(form, editable=editable, clashes=clashes, is_changed=True, is_draft=is_draft, status=422)


def _base(stored: Fields) -> dict[str, str]:
    """What the form held when it was opened, as it brings it back.

    Raises:
        Conflict: it does not.
    """
    try:
        base = json.loads(request.form.get("base", ""))
    except (ValueError, RecursionError) as error:
        raise Conflict from error
    if not isinstance(base, dict) or not stored.keys() & base.keys():
        raise Conflict
    return {str(name): str(value) for name, value in base.items()}


def _sent(editable: Editable, base: Fields) -> tuple[MultiDict[str, str], list[Clash]]:
    """What was typed; and of that what cannot be edited any more: it was paid, say, since the form was opened."""
    if editable.why_fixed is None:
        return request.form, []
    free = free_fields(request.form)
    others = ("csrf_token", "step", "seen", "base")
    sent = MultiDict({**base, **free, **{name: request.form[name] for name in others if name in request.form}})
    return sent, refused_fields(base, request.form)


def _draft(form: ProgramForm, editable: Editable, *, is_draft: bool) -> ProgramDraft:
    old = editable.program.draft
    return program_draft(
        form,
        lists_of(read_unit()),
        insured_draft(form, old.insured.reference, old.insured.emails),
        old.reference,
        is_draft=is_draft,
        stored=dict(zip(editable.program.policy_ids, old.policies, strict=True)),
        opening_paid_cents=old.opening_paid_cents,
    )


def _left_out(form: ProgramForm, editable: Editable) -> list[int]:
    """The policies that the form no longer holds."""
    kept = {part.policy_id.data for part in form.parts}
    return [policy_id for policy_id in editable.program.policy_ids if str(policy_id) not in kept]


def _notes(editable: Editable, new: ProgramDraft) -> list[Note]:
    """What looks the same, of policies that are new or are numbered otherwise; and what follows."""
    known = {policy.policy_number for policy in editable.program.draft.policies}
    fresh = tuple(policy for policy in new.policies if policy.policy_number not in known)
    twins = policy_twins(
        read_unit(), binding().lookup_key, replace(new, policies=fresh), besides=editable.program.program_id
    )
    return of_twins(twins) + of_editing(editable, new)


def _may_write_to(form: ProgramForm, editable: Editable) -> bool:
    """Whether the program's own address may become another one: its owner signs in by it."""
    if form.contact_email.value in {None, editable.program.draft.contact_email} or is_fresh():
        return True
    form.contact_email.errors = [say(STALE)]
    return False
