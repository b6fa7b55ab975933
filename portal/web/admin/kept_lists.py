"""The agency's lists of carriers, wholesalers and coverage types: what forms offer, and what it took off."""

from typing import cast, get_args

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import Length

from portal.access.permissions import Permission
from portal.agencies.kept_lists import LIST_WORDS, LONGEST_CODE, LONGEST_NAME, ListKind, entries, put, switch
from portal.core.errors import BadInput, NotFound
from portal.core.text import text
from portal.imports.cells import read_naic, read_text
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.typed_fields import Typed
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import services
from portal.web.units import read_unit, write_unit

ADDED = text("“%(name)s” stands in the list.")
OFF = text("It is off the list. Policies that name it stay as they are.")
BACK = text("It is back in the list.")


class EntryForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """One to add; with a code that is known, its name anew."""

    name = Typed(_l("Name"), read_text, "always", validators=[Length(max=LONGEST_NAME)])
    code = Typed(_l("Code"), read_text, validators=[Length(max=LONGEST_CODE)])


class CarrierForm(EntryForm):
    """A carrier, perhaps with the code of the NAIC."""

    code = Typed(_l("NAIC code"), read_naic)


@routes.route("/kept-lists", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS)
def kept_lists() -> ResponseReturnValue:
    """One of the lists; which one stands in the address. Something is added to it, or named otherwise."""
    kind = _kind()
    form = CarrierForm() if kind == "carrier" else EntryForm()
    if form.is_submitted():
        form.validate()
        form.name.miss(is_draft=False)
        if not form.name.errors and not form.code.errors:
            try:
                with write_unit() as session:
                    put(session, kind, str(form.code.value), str(form.name.value), actor(), services().now())
            except BadInput as error:
                form.name.errors = [say(error.message)]
            else:
                flash(say(text(ADDED.message, name=form.name.value)), "ok")
                return redirect_to(url_for("admin.kept_lists", kind=kind))
    found = entries(read_unit(), kind)
    page = render(
        "admin/kept_lists.html",
        form=form,
        kind=kind,
        kinds=LIST_WORDS,
        offered=[entry for entry in found if entry.is_offered],
        others=[entry for entry in found if not entry.is_offered],
    )
    return page, 422 if form.errors else 200


@routes.post("/kept-lists/switch")
@staff_only(Permission.MANAGE_TERMS)
def switch_list_entry() -> ResponseReturnValue:
    """Take one off the list, or put it back."""
    kind, off, back = _kind(), request.form.get("off", ""), request.form.get("back", "")
    with write_unit() as session:
        switch(session, kind, off or back, is_offered=not off, actor=actor(), at=services().now())
    flash(say(OFF if off else BACK), "ok")
    return redirect_to(url_for("admin.kept_lists", kind=kind))


def _kind() -> ListKind:
    """Which list is meant; the carriers unless something else is said.

    Raises:
        NotFound: there is no such list.
    """
    typed = request.values.get("kind", "carrier")
    if typed not in get_args(ListKind):
        raise NotFound
    return cast(ListKind, typed)
