"""Keys by which the agency's own systems use the API: made and shown once, watched, ended."""

from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.access.api_keys import LONGEST_NAME, SCOPE_WORDS, Scope, create_key, keys, revoke_key
from portal.access.permissions import Permission
from portal.core.text import text
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import services
from portal.web.units import read_unit, write_unit

ENDED = text("The key works no more.")


class KeyForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """A new key."""

    name = StringField(
        _l("What is it for?"),
        [DataRequired(_l("Say what the key is for.")), Length(max=LONGEST_NAME)],
        filters=[lambda typed: (typed or "").strip()],
    )
    scopes = SelectMultipleField(_l("What it may do"), [InputRequired(_l("Choose what the key may do."))])

    def __init__(self, *values: Any, **more: Any) -> None:
        super().__init__(*values, **more)
        self.scopes.choices = [(scope.value, say(words)) for scope, words in SCOPE_WORDS.items()]


@routes.route("/api-keys", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def api_keys() -> ResponseReturnValue:
    """All keys, and a form for a new one. It is shown as the answer to the button, this once."""
    form, token = KeyForm(), ""
    if form.validate_on_submit():
        with write_unit() as session:
            scopes = [Scope(value) for value in form.scopes.data or ()]
            _, token = create_key(session, form.name.data or "", scopes, actor(), services().now())
        form = KeyForm(formdata=None)
    page = render("admin/api_keys.html", form=form, token=token, keys=keys(read_unit()), words=SCOPE_WORDS)
    return page, 422 if form.errors else 200


@routes.post("/api-keys/<int:key_id>/end")
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def end_api_key(key_id: int) -> ResponseReturnValue:
    """End a key, at once."""
    with write_unit() as session:
        revoke_key(session, key_id, actor(), services().now())
    flash(say(ENDED), "ok")
    return redirect_to(url_for("admin.api_keys"))
