"""The forms of the checkout."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.web.paying.forms import one_line

IN_FULL = "in_full"


class ContactForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Who signs for a business."""

    first_name = StringField(
        _l("First name"), [DataRequired(_l("Enter the first name.")), Length(max=100)], filters=[one_line]
    )
    last_name = StringField(
        _l("Last name"), [DataRequired(_l("Enter the last name.")), Length(max=100)], filters=[one_line]
    )


class OptionForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """In full, or one of the plans."""

    option = RadioField(_l("How do you want to pay?"), [InputRequired(_l("Choose how you want to pay."))])


class SignForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The signature; `draft` is what was shown, sealed."""

    draft = HiddenField()
    consent = BooleanField(
        _l("I agree to sign electronically"),
        [InputRequired(_l("Tick the box if you agree to sign electronically, or call us for paper."))],
    )
    typed_name = StringField(
        _l("Your full name, as your signature"),
        [DataRequired(_l("Type your full name to sign.")), Length(min=3, max=120, message=_l("Type your full name."))],
        filters=[one_line],
    )
