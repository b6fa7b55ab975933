"""The form of the look-up."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, StringField, SubmitField, ValidationError
from wtforms.validators import DataRequired, Length, Optional

from portal.programs.policy_numbers import exact_key, zip5

DATE_FORMATS = ["%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y"]


class ReadDateField(DateField):
    """A date written in one of the usual ways."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it.

        Raises:
            ValueError: it is not a date; the message goes beside the field.
        """
        try:
            super().process_formdata([value.strip() for value in valuelist])
        except ValueError as error:
            raise ValueError(_l("Enter the date like 7/1/2026.")) from error


class LookupForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Policy number and ZIP, in any way they are written; the effective date and the PIN when they are asked for."""

    policy_number = StringField(_l("Policy number"), [DataRequired(_l("Enter the policy number.")), Length(max=80)])
    zip = StringField(_l("ZIP code of the insured"), [DataRequired(_l("Enter the ZIP code.")), Length(max=20)])
    effective_date = ReadDateField(_l("Effective date"), [Optional()], format=DATE_FORMATS)
    pin = StringField(_l("PIN from the invoice"), [Length(max=20)])
    send = SubmitField()

    def validate_policy_number(self, field: StringField) -> None:
        """There must be a letter or a digit in it."""
        if not exact_key(field.data or ""):
            raise ValidationError(_l("Enter the policy number."))

    def validate_zip(self, field: StringField) -> None:
        """Five digits, or nine."""
        code = zip5(field.data or "")
        if code is None:
            raise ValidationError(_l("Enter a ZIP code of five digits, like 78701."))
        self.zip5 = code
