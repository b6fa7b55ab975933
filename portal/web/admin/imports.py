"""BindHQ Imports: all that came in, why some of it failed, and the button that has it looked at again."""

from typing import Any
from urllib.parse import parse_qsl

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField
from wtforms.validators import Length

from portal.access.permissions import Permission
from portal.core.errors import NotFound
from portal.core.text import Text, text
from portal.policy_system.announcing import re_sync
from portal.reports.staff_imports import (
    CSV_HEADER,
    SHOW_WORDS,
    TYPE_WORDS,
    ImportFilter,
    csv_rows,
    fitting_ids,
    import_detail,
    import_page,
)
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.programs import today
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.list_address import row_id, set_filters
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

MOST_AT_ONCE = 1_000
SHOW: list[Any] = [*SHOW_WORDS.items()]
KINDS: list[Any] = [("", text("All kinds")), *TYPE_WORDS.items()]
NOTHING_CHOSEN = text("Choose at least one import first.")
ASKED = text("Asked BindHQ again: %(count)s. Look here again in a moment.")


class ImportsForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The filters of the list of imports."""

    class Meta:
        """Read from the address, so no token."""

        csrf = False

    q = StringField(_l("Search"), [Length(max=100)])
    show = SelectField(_l("Status"), choices=SHOW, default="failed")
    kind = SelectField(_l("Kind"), choices=KINDS, default="")

    def filter(self, before: int | None) -> ImportFilter:
        """What is wanted, once the form is valid."""
        return ImportFilter(self.show.data, self.kind.data, (self.q.data or "").strip(), before)


@routes.get("/imports")
@staff_only(Permission.VIEW)
def imports() -> ResponseReturnValue:
    """Imports by status and kind; by default those that failed, the newest first."""
    form = ImportsForm(request.args)
    filters = set_filters(form)
    if not form.validate():
        return render("admin/imports/list.html", form=form, page=None, older=None, filters=filters), 422
    page = import_page(read_unit(), form.filter(request.args.get("before", type=row_id)))
    older = {**filters, "before": page.before} if page.before else None
    return render("admin/imports/list.html", form=form, page=page, older=older, filters=filters)


@routes.get("/imports.csv")
@staff_only(Permission.SEE_REPORTS)
def imports_csv() -> ResponseReturnValue:
    """All imports that fit, for a spreadsheet."""
    form = ImportsForm(request.args)
    if not form.validate():
        return render("admin/imports/list.html", form=form, page=None, older=None, filters={}), 422
    return csv_answer(f"imports-{agency().slug}-{today()}", CSV_HEADER, csv_rows(read_unit(), form.filter(None)))


@routes.get("/imports/<int:import_id>")
@staff_only(Permission.VIEW)
def one_import(import_id: int) -> ResponseReturnValue:
    """One import: why it failed, what came, and every try."""
    found = import_detail(read_unit(), import_id)
    if found is None:
        raise NotFound
    return render("admin/imports/show.html", found=found)


@routes.post("/imports/re-sync")
@staff_only(Permission.MANAGE_PROGRAMS)
def re_sync_imports() -> ResponseReturnValue:
    """Have the ticked ones looked at again, or all that fit."""
    filters = request.form.get("filters", "")
    ids = list(dict.fromkeys(request.form.getlist("import", type=row_id)))[:MOST_AT_ONCE]
    if request.form.get("all"):
        form = ImportsForm(MultiDict(parse_qsl(filters)))
        ids = fitting_ids(read_unit(), form.filter(None), MOST_AT_ONCE) if form.validate() else []
    if not ids:
        flash(say(NOTHING_CHOSEN), "info")
    else:
        with write_unit() as session:
            count = re_sync(session, ids, actor(), services().now())
        flash(say(Text(ASKED.message, {"count": count})), "ok")
    if len(ids) == 1 and "one" in request.form:
        return redirect_to(url_for("admin.one_import", import_id=ids[0]))
    known = {"q", "show", "kind"}
    chosen: dict[str, Any] = {name: value for name, value in parse_qsl(filters) if name in known}
    return redirect_to(url_for("admin.imports", **chosen))
