"""What the machine would not decide: matters that wait for staff, and marking them as done."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from portal.access.permissions import Permission
from portal.core.errors import NotAllowed, NotFound
from portal.core.staff_tasks import StaffTask, close_task
from portal.core.text import text
from portal.reports.attention import closed_matters, open_matters
from portal.reports.task_words import TASK_WORDS
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import current_staff, staff_only
from portal.web.htmx import redirect_to
from portal.web.services import services
from portal.web.units import read_unit, write_unit

DONE = text("Marked as done.")


class DoneForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """What was done about it."""

    note = StringField(_l("What was done?"), [DataRequired(_l("Say what was done.")), Length(max=300)])


@routes.get("/attention")
@staff_only(Permission.VIEW)
def attention() -> ResponseReturnValue:
    """Each matter in plain words, with its facts and choices; what was dealt with below."""
    return _page(DoneForm(formdata=None), None)


@routes.post("/attention/<int:matter_id>/done")
@staff_only(Permission.VIEW)
def close_matter(matter_id: int) -> ResponseReturnValue:
    """Mark a matter as done; whose role may, says its kind."""
    kind = read_unit().scalar(select(StaffTask.kind).where(StaffTask.id == matter_id))
    if kind is None:
        raise NotFound
    if not current_staff().may(TASK_WORDS[kind].permission):
        raise NotAllowed(text("Your role does not allow this. An accountant or admin of your agency can do it."))
    form = DoneForm()
    if not form.validate_on_submit():
        return _page(form, matter_id)
    with write_unit() as session:
        close_task(session, matter_id, (form.note.data or "").strip(), actor(), services().now())
    flash(say(DONE), "ok")
    return redirect_to(url_for("admin.attention"))


def _page(form: DoneForm, wrong: int | None) -> ResponseReturnValue:
    """The page; `wrong` is the matter whose form has errors."""
    session = read_unit()
    page = render(
        "admin/attention.html", open=open_matters(session), closed=closed_matters(session), form=form, wrong=wrong
    )
    return page, 422 if wrong else 200
