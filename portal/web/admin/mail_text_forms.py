"""The form of an agency's own words for a kind of mail."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, StringField, TextAreaField, ValidationError

from portal.core.errors import BadInput
from portal.notices.mail_kinds import MailKind
from portal.notices.message import OwnWords
from portal.notices.own_words import checked
from portal.web.filters import say


def _fits(form: "MailTextForm", field: Field) -> None:
    """See that what was typed can stand in the mail; its error goes to the field."""
    try:
        field.data = checked(form.kind, field.short_name, field.data or "")
    except BadInput as error:
        raise ValidationError(say(error.message)) from error


class MailTextForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Each part that may be one's own, and the version that was read when writing began.

    Args:
        kind: of the mail.
    """

    subject = StringField(_l("Subject"), [_fits])
    opening = TextAreaField(_l("First paragraph"), [_fits])
    closing = TextAreaField(_l("Last paragraph"), [_fits])
    version = IntegerField()

    def __init__(self, kind: MailKind, *given: Any, **named: Any) -> None:
        self.kind = kind
        super().__init__(*given, **named)
        if kind.in_subject is None:
            del self.subject

    def words(self) -> OwnWords:
        """What was typed; a part that has an error is left out."""
        typed = {part: self[part] for part in self.kind.parts}
        return OwnWords(**{part: field.data or "" for part, field in typed.items() if not field.errors})
