"""The text of the agency's finance agreements: written in versions, looked at as a PDF before it counts."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.text import text
from portal.documents.agreement import standard_terms
from portal.documents.sample_agreement import sample_agreement
from portal.financing.agreement_texts import MOST_CHARACTERS, texts, write_text
from portal.financing.terms import agency_terms
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import close_read_unit, read_unit, write_unit

SAVED = text("Saved as a new version. Agreements that are signed from now on have it.")


class TextForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The text, and the version that it was written on."""

    body = TextAreaField(
        _l("Text of the agreement"),
        [DataRequired(_l("Enter the text.")), Length(max=MOST_CHARACTERS, message=_l("The text is too long."))],
    )
    version = IntegerField(validators=[InputRequired()])


@routes.route("/financing/agreement", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS)
def agreement_text() -> ResponseReturnValue:
    """The editor and the versions; `from` in the address begins with an older one, 0 being the standard text."""
    form = TextForm()
    if form.validate_on_submit():
        try:
            with write_unit() as session:
                write_text(session, form.body.data or "", form.version.data or 0, actor(), services().now())
        except (BadInput, Conflict) as error:
            form.body.errors = [say(error.message)]
        else:
            flash(say(SAVED), "ok")
            return redirect_to(url_for("admin.agreement_text"))
    versions = texts(read_unit())
    if not form.is_submitted():
        newest = versions[0].version if versions else 0
        body = _body(request.args.get("from", newest, int))
        form = TextForm(body=body, version=newest)
    return render("admin/lending/agreement_text.html", form=form, versions=versions), 422 if form.errors else 200


@routes.post("/financing/agreement/preview.pdf")
@staff_only(Permission.MANAGE_TERMS)
def preview_agreement() -> ResponseReturnValue:
    """What is typed, as a PDF with sample figures; nothing is stored."""
    return _pdf((request.form.get("body") or "")[:MOST_CHARACTERS])


@routes.get("/financing/agreement/version.pdf")
@staff_only(Permission.MANAGE_TERMS)
def agreement_version() -> ResponseReturnValue:
    """A version, as a PDF with sample figures."""
    return _pdf(_body(request.args.get("version", 0, int)))


def _body(version: int) -> str:
    """The text of a version; 0 is the standard text.

    Raises:
        NotFound: there is none.
    """
    if version == 0:
        return standard_terms()
    for one in texts(read_unit()):
        if one.version == version:
            return one.body
    raise NotFound


def _pdf(body: str) -> ResponseReturnValue:
    document = sample_agreement(
        agency(), agency_terms(read_unit()), body, local_date(services().now(), agency().time_zone)
    )
    close_read_unit()
    return Response(
        services().renderer.render(document),
        mimetype="application/pdf",
        headers={"Content-Disposition": 'inline; filename="agreement-sample.pdf"'},
    )
