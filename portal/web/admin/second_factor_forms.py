"""The forms of the second factor. `typed` is what waits to be sent to `next`, as a form that a browser has encoded."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length


class AppCodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The code that an authenticator app shows."""

    code = StringField(
        _l("Code from your app"), [DataRequired(_l("Enter the 6-digit code from your app.")), Length(max=40)]
    )
    next = HiddenField()
    typed = HiddenField()


class RecoveryCodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """One of the ten codes that were shown once."""

    code = StringField(_l("Recovery code"), [DataRequired(_l("Enter one of your recovery codes.")), Length(max=40)])
    next = HiddenField()
    typed = HiddenField()
