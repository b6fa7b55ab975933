"""The forms of autopay: with which method, what of a past-due amount, and the consent."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired

PAY, LEAVE = "pay", "leave"


class AutopayForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """With which saved method; and, where something is past due, what of it."""

    method = RadioField(_l("Payment method"), [InputRequired(_l("Choose a payment method."))])
    past_due = RadioField(_l("What is past due"), [InputRequired(_l("Say what happens with what is past due."))])


class AutopayAgreeForm(FlaskForm):  # type: ignore[misc]
    """One box, never ticked for the insured."""

    agrees = BooleanField(_l("I authorize these payments"))

    def has_agreed(self) -> bool:
        """Whether it is ticked; if not, the form says what is missing."""
        if not self.agrees.data:
            self.agrees.errors = [_l("Tick the box to authorize these payments. Autopay has not changed.")]
        return bool(self.agrees.data)
