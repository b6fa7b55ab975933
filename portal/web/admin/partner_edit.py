"""Staff edit a partner; of two who do so at once, the second is told what the first has changed and loses nothing."""

import json
from collections.abc import Mapping, Sequence

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from portal.access.permissions import Permission
from portal.core.errors import Conflict
from portal.core.text import text
from portal.partners import accounts
from portal.partners.accounts import partner_of
from portal.partners.models import Partner
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.partner_form import PartnerEditForm, opened, sent_fields, stored_fields
from portal.web.admin.typed_program import Clash, merge
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import services
from portal.web.units import read_unit, write_unit

SAVED = text("Saved. It counts for new policies; what is billed already stays as it is.")
YES, NO = text("Yes"), text("No")


@routes.route("/partners/<int:partner_id>/edit", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PARTNERS)
def edit_partner(partner_id: int) -> ResponseReturnValue:
    """The form; what is saved counts for new policies."""
    stored = partner_of(read_unit(), partner_id)
    form = PartnerEditForm()
    if not form.is_submitted():
        fields = stored_fields(stored)
        return _shown(opened(fields, fields), stored)
    base, holds = _base(stored_fields(stored)), form.holds()
    with write_unit() as unit:
        held = partner_of(unit, partner_id, lock=True)
        theirs = stored_fields(held)
        if base == theirs and holds:
            accounts.edit_partner(unit, partner_id, form.draft(), actor(), services().now())
    if base != theirs:
        merged, clashes = merge(base, theirs, sent_fields(form))
        form = opened(merged, theirs)
        form.holds()
        return _shown(form, stored, clashes)
    if not holds:
        return _shown(form, stored)
    flash(say(SAVED), "ok")
    return redirect_to(url_for("admin.partner", partner_id=partner_id))


def _shown(form: PartnerEditForm, stored: Partner, clashes: Sequence[Clash] = ()) -> ResponseReturnValue:
    """The form; with what somebody else has changed since it was opened."""
    rows = [(str(form[clash.field].label.text), *_words(clash, form)) for clash in clashes]
    page = render("admin/partners/edit.html", form=form, stored=stored, clashes=rows)
    return page, 422 if form.errors or clashes else 200


def _words(clash: Clash, form: PartnerEditForm) -> list[str]:
    """A field as it was, as it is, and as it was typed here."""
    field = form[clash.field]
    values = clash.before, clash.theirs, clash.yours
    if isinstance(field, BooleanField):
        return [say(YES if value else NO) for value in values]
    choices = dict(field.choices) if getattr(field, "choices", None) else {}
    return [say(choices.get(value, value)) or "–" for value in values]


def _base(stored: Mapping[str, str]) -> dict[str, str]:
    """What the form held when it was opened, as it brings it back.

    Raises:
        Conflict: it does not.
    """
    try:
        base = json.loads(request.form.get("base", ""))
    except (ValueError, RecursionError) as error:
        raise Conflict from error
    if not isinstance(base, dict) or base.keys() != stored.keys():
        raise Conflict
    return {str(name): str(value) for name, value in base.items()}
