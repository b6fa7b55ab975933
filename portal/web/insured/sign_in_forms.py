"""The forms of the sign-in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from portal.core.email_address import parse_email
from portal.core.errors import BadInput
from portal.web.filters import say


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Where to send the mail."""

    email = StringField(_l("E-mail address"), [DataRequired(_l("Enter your e-mail address.")), Length(max=254)])
    next = HiddenField()

    def validate_email(self, field: StringField) -> None:
        """An address that mail can reach, in its one spelling."""
        try:
            self.address = parse_email(field.data or "")
        except BadInput as error:
            raise ValidationError(say(error.message)) from error


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The code from the mail."""

    code = StringField(_l("6-digit code"), [DataRequired(_l("Enter the 6-digit code from the e-mail."))])
