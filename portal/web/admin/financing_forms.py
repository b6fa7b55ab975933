"""The forms about one program's loan: who signs for a business, and the lender's money."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from portal.core.errors import BadInput
from portal.core.money import parse_money
from portal.financing.funding import Funding
from portal.web.filters import say


class SignerForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Who signs for a business."""

    first_name = StringField(_l("First name"), [DataRequired(_l("Enter the first name.")), Length(max=100)])
    last_name = StringField(_l("Last name"), [DataRequired(_l("Enter the last name.")), Length(max=100)])

    @property
    def names(self) -> tuple[str, str]:
        """What was typed."""
        return (self.first_name.data or "").strip(), (self.last_name.data or "").strip()


class FundingForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """What the lender has sent; `sure` is set on the page that says what follows."""

    funded_on = DateField(_l("Received on"), [InputRequired(_l("Enter a day."))])
    amount = StringField(_l("Amount"), [DataRequired(_l("Enter the amount.")), Length(max=20)])
    reference = StringField(
        _l("Reference of the wire or number of the check"), [DataRequired(_l("Enter the reference.")), Length(max=60)]
    )
    sure = HiddenField()

    def validate_amount(self, field: StringField) -> None:
        """An amount of money."""
        try:
            parse_money(field.data or "")
        except BadInput as error:
            raise ValidationError(say(error.message)) from error

    @property
    def funding(self) -> Funding:
        """What was typed."""
        assert self.funded_on.data is not None
        reference = " ".join((self.reference.data or "").split())
        return Funding(self.funded_on.data, parse_money(self.amount.data or ""), reference)
