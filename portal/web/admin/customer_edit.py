"""A customer's own data: name, contact, mailing address with the ZIP that third parties need, language."""

import json
from dataclasses import fields, replace
from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from portal.access.permissions import Permission
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.insureds.erase import is_gone
from portal.insureds.models import Insured
from portal.servicing.changes import insured_changes
from portal.servicing.drafts import InsuredDraft
from portal.servicing.rebind import update_insured
from portal.servicing.stored import StoredInsured, stored_insureds
from portal.web.admin.blueprint import routes
from portal.web.admin.program_forms import InsuredPart
from portal.web.admin.program_page import binding
from portal.web.admin.typed_fields import Typed
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.units import read_unit, write_unit

SAVED = text("Saved. It counts from now on, for all their programs.")
OTHERS = text("Somebody else has changed this customer meanwhile. See what stands now beside what you typed.")
NAMES = tuple(field.name for field in fields(InsuredDraft) if field.name not in {"reference", "emails"})


class CustomerForm(InsuredPart, FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The customer without the e-mail addresses, which have a page of their own. `seen` is what the page showed."""

    emails = None  # type: ignore[assignment]  # WTForms: this one has no such field
    seen = HiddenField()

    def holds(self) -> bool:
        """Whether it was filled in, and what is needed stands in it."""
        if not self.validate_on_submit():
            return False
        for field in self:
            if isinstance(field, Typed):
                field.miss(is_draft=False)
        return not self.errors

    def draft(self, stored: InsuredDraft) -> InsuredDraft:
        """The customer as typed, the rest as stored."""
        typed: dict[str, Any] = {}
        for name in NAMES:
            field = self[name]
            typed[name] = field.value if isinstance(field, Typed) else field.data
        return replace(stored, **typed)


@routes.route("/customers/<int:insured_id>/edit", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def edit_customer(insured_id: int) -> ResponseReturnValue:
    """The form; what is saved counts at once. The second of two people is told what the first has changed."""
    stored = _stored(read_unit(), insured_id)
    form = CustomerForm()
    newer: dict[str, str] = {}
    if not form.is_submitted():
        form = CustomerForm(MultiDict(_values(stored.draft) | {"seen": _seen(stored.draft)}), meta={"csrf": False})
    elif form.holds():
        with write_unit() as session:
            stored = _stored(session, insured_id, lock=True)
            newer = _newer(form, stored.draft)
            new = form.draft(stored.draft)
            if not newer and insured_changes(stored.draft, new):
                update_insured(session, stored, new, binding())
        if not newer:
            flash(say(SAVED), "ok")
            return redirect_to(url_for("admin.customer", insured_id=insured_id))
        form.form_errors.append(say(OTHERS))
        form.seen.data = _seen(stored.draft)
    shown = render("admin/customers/edit.html", form=form, insured_id=insured_id, stored=stored.draft, newer=newer)
    return shown, 422 if form.errors or form.form_errors else 200


def _stored(session: Scoped, insured_id: int, *, lock: bool = False) -> StoredInsured:
    insured = session.get(Insured, insured_id, with_for_update=lock or None, populate_existing=lock)
    if insured is None or is_gone(insured):
        raise NotFound
    return stored_insureds(session, [insured.reference])[insured.reference]


def _values(draft: InsuredDraft) -> dict[str, str]:
    return {name: getattr(draft, name) for name in NAMES}


def _seen(draft: InsuredDraft) -> str:
    return json.dumps(_values(draft))


def _newer(form: CustomerForm, stored: InsuredDraft) -> dict[str, str]:
    """What stands now where it is not what the page showed: field -> value."""
    try:
        seen = json.loads(form.seen.data or "")
    except (ValueError, RecursionError):
        seen = None
    known = seen if isinstance(seen, dict) else {}
    return {name: value for name, value in _values(stored).items() if known.get(name) != value}
