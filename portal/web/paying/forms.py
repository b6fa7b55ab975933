"""The payment form: what to pay, and who pays when nobody has signed in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from portal.core.email_address import parse_email
from portal.core.errors import BadInput
from portal.payments.claims import MOST_INVOICES, MOST_OF_PARTNER
from portal.web.filters import say


def one_line(typed: str | None) -> str:
    """A name as it may stand in the head of a mail: no control characters, one blank between words."""
    readable = "".join(letter if letter.isprintable() else " " for letter in typed or "")
    return " ".join(readable.split())


class PayForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Which invoices, and the token that the processor's fields made of the card."""

    invoice = SelectMultipleField(
        _l("What to pay"), coerce=int, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    confirmation_token = HiddenField()
    most = MOST_INVOICES

    def validate_invoice(self, field: SelectMultipleField) -> None:
        """At least one, and no more than one payment takes."""
        if not field.data:
            raise ValidationError(_l("Choose at least one invoice to pay."))
        if len(field.data) > self.most:
            raise ValidationError(_l("Choose at most %(number)s invoices for one payment.", number=self.most))


class InsuredPayForm(PayForm):
    """The same for an insured who has signed in: one of their saved methods may pay."""

    saved_method = StringField()
    autopay = StringField()

    def saved_id(self) -> int | None:
        """The id of the saved method that was chosen; None for the processor's fields."""
        typed = self.saved_method.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None


class PartnerPayForm(InsuredPayForm):
    """The same for a user of a partner, who pays many at once."""

    most = MOST_OF_PARTNER


class ThirdPartyPayForm(PayForm):
    """The same for someone who has not signed in: the receipt goes to their own address."""

    payer_name = StringField(
        _l("Your name"),
        [DataRequired(_l("Enter your name.")), Length(max=120)],
        filters=[one_line],
        render_kw={"autocomplete": "name"},
    )
    payer_email = StringField(
        _l("Your e-mail"), [DataRequired(_l("Enter your e-mail for the receipt.")), Length(max=254)]
    )

    def validate_payer_email(self, field: StringField) -> None:
        """An address that mail can reach."""
        try:
            field.data = parse_email(field.data or "")
        except BadInput as error:
            raise ValidationError(say(error.message)) from error
