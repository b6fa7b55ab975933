"""The form on which staff enter a check, wire or cash; and the field for its picture."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import DateField, HiddenField, RadioField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from portal.core.errors import BadInput
from portal.core.money import parse_money
from portal.payments.check_image import MOST_BYTES, clean_check
from portal.payments.claims import MOST_INVOICES
from portal.payments.method_name import OFFLINE
from portal.web.filters import say

METHODS: list[Any] = [*OFFLINE.items()]
LARGEST_FORM = 2 * MOST_BYTES
"""Of the whole form: a picture that is somewhat too large still gets a form with a word about it."""


class PictureForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """A field for a picture. `picture` is what was sent, made safe, once the form has been looked at."""

    image = FileField(_l("Picture of the check"))
    picture: bytes | None = None

    def validate_image(self, field: FileField) -> None:
        """A picture that can be read."""
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            return
        try:
            self.picture = clean_check(field.data.read(MOST_BYTES + 1))
        except BadInput as error:
            raise ValidationError(say(error.message)) from error


class OfflinePaymentForm(PictureForm):
    """What came in, and for which invoices.

    `seen` is what the confirm page showed as open; `image_token` names a picture that was sent before.
    """

    method = RadioField(_l("How it came"), [InputRequired(_l("Choose one."))], choices=METHODS)
    reference = StringField(_l("Check number or reference of the wire"), [Length(max=40)])
    received_on = DateField(_l("Received on"), [InputRequired(_l("Enter a day."))])
    amount = StringField(_l("Amount"), [DataRequired(_l("Enter the amount."))])
    invoice = SelectMultipleField(
        _l("For which invoices"), coerce=int, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    request_key = HiddenField()
    seen = HiddenField()
    image_token = HiddenField()

    def validate_reference(self, field: StringField) -> None:
        """A check has a number."""
        field.data = " ".join((field.data or "").split())
        if self.method.data != "cash" and not field.data:
            raise ValidationError(_l("Enter the number of the check, or the reference of the wire."))

    def validate_amount(self, field: StringField) -> None:
        """An amount of money."""
        try:
            parse_money(field.data or "")
        except BadInput as error:
            raise ValidationError(say(error.message)) from error

    def validate_invoice(self, field: SelectMultipleField) -> None:
        """At least one."""
        if not field.data:
            raise ValidationError(_l("Choose at least one invoice."))
        if len(field.data) > MOST_INVOICES:
            raise ValidationError(_l("Choose at most %(number)s invoices for one payment.", number=MOST_INVOICES))
