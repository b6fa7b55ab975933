"""The audit trail."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from portal.access.permissions import Permission
from portal.core.text import text
from portal.reports.audit_subjects import subjects_of
from portal.reports.audit_trail import AuditFilter, audit_page
from portal.reports.audit_words import ACTION_WORDS, ACTOR_WORDS, action_words, actor_words, value_words
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.guards import staff_only
from portal.web.list_address import row_id, set_filters
from portal.web.services import agency
from portal.web.units import read_unit

ACTORS: list[Any] = [("", text("Anyone")), *ACTOR_WORDS.items()]
ACTIONS: list[Any] = [("", text("Anything")), *sorted(ACTION_WORDS.items(), key=str)]


class AuditForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The filters; they stand in the address."""

    class Meta:
        """Read from the address, so no token."""

        csrf = False

    actor_kind = SelectField(_l("Who"), choices=ACTORS, default="")
    actor = StringField(_l("Staff e-mail"), [Length(max=100)])
    action = SelectField(_l("What"), choices=ACTIONS, default="")
    first = DateField(_l("From"), [Optional()])
    last = DateField(_l("Until"), [Optional()])


@routes.get("/audit")
@staff_only(Permission.SEE_AUDIT)
def audit() -> ResponseReturnValue:
    """Who did what, the newest first."""
    form = AuditForm(request.args)
    is_valid = form.validate()
    wanted = AuditFilter(
        form.actor_kind.data or "",
        (form.actor.data or "").strip(),
        form.action.data or "",
        form.first.data,
        form.last.data,
        request.args.get("before", type=row_id),
    )
    session = read_unit()
    entries, older = audit_page(session, wanted, agency().time_zone) if is_valid else ([], None)
    filters = set_filters(form)
    page = render(
        "admin/audit.html",
        form=form,
        entries=entries,
        older={**filters, "before": older} if older else None,
        is_newest=wanted.before is None,
        filters=filters,
        action_words=action_words,
        actor_words=actor_words,
        value_words=value_words,
        subjects=subjects_of(session, entries),
    )
    return page, 200 if is_valid else 422
