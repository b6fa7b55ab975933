"""The forms of the users page."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from portal.access.permissions import LOWEST_ROLE, PERMISSION_WORDS, ROLE_WORDS
from portal.core.email_address import parse_email
from portal.core.errors import BadInput
from portal.web.filters import say

ROLES: list[tuple[str, Any]] = list(ROLE_WORDS.items())


class RoleForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """What somebody may do."""

    role = RadioField(_l("Role"), [InputRequired(_l("Choose a role."))], choices=ROLES)


class MemberForm(RoleForm):
    """Somebody new."""

    name = StringField(_l("Name"), [DataRequired(_l("Enter the name.")), Length(max=120)])
    email = StringField(_l("E-mail address"), [DataRequired(_l("Enter the e-mail address.")), Length(max=254)])

    def validate_email(self, field: StringField) -> None:
        """An address that mail can reach."""
        try:
            self.address = parse_email(field.data or "")
        except BadInput as error:
            raise ValidationError(say(error.message)) from error


def role_notes() -> dict[str, str]:
    """What each role may do besides what those before it may, in the reader's language."""
    words = [(lowest, say(PERMISSION_WORDS[permission])) for permission, lowest in LOWEST_ROLE.items()]
    return {role: " · ".join(each for lowest, each in words if lowest == role) for role in ROLE_WORDS}
