"""What BindHQ's coverage types, carriers, marketing companies and agencies are here: typed, suggested, or by file."""

from typing import cast, get_args

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField

from portal.access.permissions import Permission
from portal.core.errors import BadInput, NotFound
from portal.core.text import Text, text
from portal.imports.mappings_csv import ExportedName, read_export
from portal.policy_system.mapping_names import map_names
from portal.policy_system.mappings import KIND_WORDS, MappingKind, TheirName, see
from portal.reports.staff_mappings import mapping_page
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import services
from portal.web.units import read_unit, write_unit

SAVED = text("Mapped: %(count)s. Imports that failed for want of it are tried again.")
SAME = text("Nothing was changed.")
READ = text("The file was read: %(count)s, %(new)s of them new.")
NO_FILE = text("Choose a file first.")


class ExportForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """An export of BindHQ."""

    file = FileField(_l("Export from BindHQ, as CSV"))


@routes.route("/bindhq/mappings", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_AGENCY)
def bindhq_mappings() -> ResponseReturnValue:
    """All of a kind, with a field for what each is here."""
    kind, unknown = _kind(), dict[int, str]()
    form = ExportForm()
    if FlaskForm().validate_on_submit():
        typed = {int(name[5:]): value for name, value in request.form.items() if _is_field(name)}
        with write_unit() as session:
            count, unknown = map_names(session, kind, typed, actor(), services().now())
        if not unknown:
            flash(say(Text(SAVED.message, {"count": count}) if count else SAME), "ok" if count else "info")
            return redirect_to(url_for("admin.bindhq_mappings", kind=kind))
    return _page(form, kind, unknown), 422 if unknown else 200


@routes.post("/bindhq/mappings/file")
@staff_only(Permission.MANAGE_AGENCY)
def read_bindhq_export() -> ResponseReturnValue:
    """Take note of what an export names."""
    kind, form = _kind(), ExportForm()
    if form.validate_on_submit():
        content = form.file.data.read() if form.file.data else b""
        try:
            if not content:
                raise BadInput(NO_FILE)
            rows = [_theirs(one) for one in read_export(content, by_code=kind == "coverage")]
        except BadInput as error:
            form.file.errors = [say(error.message)]
        else:
            with write_unit() as session:
                new = see(session, kind, rows, services().now())
            flash(say(Text(READ.message, {"count": len(rows), "new": new})), "ok")
            return redirect_to(url_for("admin.bindhq_mappings", kind=kind))
    return _page(form, kind, {}), 422


def _theirs(one: ExportedName) -> TheirName:
    detail = {"address": one.address, "phone": one.phone, "contact": one.contact, "email": one.email}
    return TheirName(one.external_id, one.name, one.code, {name: value for name, value in detail.items() if value})


def _page(form: ExportForm, kind: MappingKind, unknown: dict[int, str]) -> str:
    page = mapping_page(read_unit(), kind)
    return render("admin/bindhq/mappings.html", form=form, kind=kind, kinds=KIND_WORDS, page=page, unknown=unknown)


def _kind() -> MappingKind:
    kind = request.values.get("kind", "coverage")
    if kind not in get_args(MappingKind):
        raise NotFound
    return cast(MappingKind, kind)


def _is_field(name: str) -> bool:
    return name.startswith("ours-") and name[5:].isdecimal() and len(name) < 20
