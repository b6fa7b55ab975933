"""Documents and notes of a program: added, shown to the insured or not, downloaded, removed, written."""

from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from portal.access.permissions import Permission
from portal.core.errors import BadInput, NotFound
from portal.core.text import text
from portal.programs.documents import (
    KIND_WORDS,
    MOST_BYTES,
    CleanFile,
    add_document,
    clean_document,
    documents_of,
    remove_document,
    share_document,
)
from portal.programs.models import Program
from portal.programs.notes import MOST_LETTERS, write_note
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.document_answer import document_answer
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import services
from portal.web.units import read_unit, write_unit

KINDS: list[Any] = [*KIND_WORDS.items()]
LARGEST_FORM = 2 * MOST_BYTES
SHOWN = text("The insured sees this document now.")
HIDDEN = text("The insured does not see this document any more.")


class DocumentForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """A file and what it is. `clean` is what was sent, made safe, once the form has been looked at."""

    kind = SelectField(_l("What it is"), choices=KINDS, default="quote")
    title = StringField(_l("Name"), [DataRequired(_l("Enter a name.")), Length(max=100)])
    file = FileField(_l("File"))
    is_shared = BooleanField(_l("The insured sees it too"))
    clean: CleanFile | None = None

    def validate_file(self, field: FileField) -> None:
        """A PDF or a picture that can be read."""
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(say(text("Choose a file.")))
        try:
            self.clean = clean_document(field.data.read(MOST_BYTES + 1))
        except BadInput as error:
            raise ValidationError(say(error.message)) from error


class NoteForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """A note."""

    body = StringField(_l("Note"), [DataRequired(_l("Write something first.")), Length(max=MOST_LETTERS)])


@routes.route("/programs/<int:program_id>/documents/new", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS, largest=LARGEST_FORM)
def add_program_document(program_id: int) -> ResponseReturnValue:
    """Add a document."""
    program, form = _program(program_id), DocumentForm()
    if form.validate_on_submit() and form.clean is not None:
        try:
            with write_unit() as session:
                about = form.kind.data, (form.title.data or "").strip(), form.clean, form.is_shared.data
                add_document(session, program_id, *about, actor(), services().now())
        except BadInput as error:
            form.form_errors.append(error.message)
        else:
            flash(say(text("The document is added.")), "ok")
            return _back(program_id)
    page = render("admin/program/document.html", program=program, form=form)
    return page, 422 if form.errors else 200


@routes.get("/programs/<int:program_id>/documents/<file_token>")
@staff_only(Permission.VIEW)
def program_document(program_id: int, file_token: str) -> ResponseReturnValue:
    """One of them as a download."""
    return document_answer(read_unit(), program_id, file_token)


@routes.post("/programs/<int:program_id>/documents/<int:document_id>/share")
@staff_only(Permission.MANAGE_PROGRAMS)
def share_program_document(program_id: int, document_id: int) -> ResponseReturnValue:
    """Let the insured see it, or no longer."""
    with write_unit() as session:
        is_shared = share_document(session, program_id, document_id, actor(), services().now())
    flash(say(SHOWN if is_shared else HIDDEN), "ok")
    return _back(program_id)


@routes.route("/programs/<int:program_id>/documents/<int:document_id>/remove", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def remove_program_document(program_id: int, document_id: int) -> ResponseReturnValue:
    """Take it away, after a page that says that it cannot be brought back."""
    program = _program(program_id)
    document = next((each for each in documents_of(read_unit(), program_id) if each.id == document_id), None)
    if document is None:
        raise NotFound
    form = FlaskForm()
    if not form.validate_on_submit():
        return render("admin/program/remove_document.html", program=program, document=document, form=form)
    with write_unit() as session:
        remove_document(session, program_id, document_id, actor(), services().now())
    flash(say(text("The document is removed.")), "ok")
    return _back(program_id)


@routes.post("/programs/<int:program_id>/notes")
@staff_only(Permission.VIEW)
def write_program_note(program_id: int) -> ResponseReturnValue:
    """Write a note."""
    program, form = _program(program_id), NoteForm()
    if not form.validate_on_submit():
        return render("admin/program/note.html", program=program, form=form), 422
    with write_unit() as session:
        write_note(session, program_id, (form.body.data or "").strip(), actor(), services().now())
    flash(say(text("The note is written.")), "ok")
    return redirect_to(url_for("admin.program", program_id=program_id, _anchor="notes"))


def _program(program_id: int) -> Program:
    found = read_unit().get(Program, program_id)
    if found is None:
        raise NotFound
    return found


def _back(program_id: int) -> ResponseReturnValue:
    return redirect_to(url_for("admin.program", program_id=program_id, _anchor="documents"))
