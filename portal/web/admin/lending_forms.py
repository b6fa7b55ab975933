"""The form for what is lent on, by the agency's default or for one program, and the example beside it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from portal.agencies.fee_settings import parse_percent
from portal.core.errors import BadInput
from portal.core.money import parse_money
from portal.core.text import Text, text
from portal.financing.lifecycle import read_plans
from portal.financing.models import LendingTerms
from portal.financing.offers import LEAST_DOWN, MOST_DOWN, Lending, write_plan
from portal.financing.schedule import COUNTS, Spacing
from portal.financing.terms import MOST_RATE, TermsDraft
from portal.reference.us_states import state_names
from portal.web.admin.fee_forms import percent_words
from portal.web.filters import say

Value = TypeVar("Value")
REFUNDS: list[Any] = [
    ("actuarial", text("Actuarial method")),
    ("rule_of_78", text("Rule of 78, where a state allows it")),
]
FIRST_TERMS = {"down_payment": "25", "note_rate": "12", "plans": ["10x1", "9x1"], "refund_method": "actuarial"}
"""What the form begins with where nothing was set yet."""


def plan_words(installments: int, months_between: Spacing) -> Text:
    """A plan in words: "9 monthly"."""
    if installments == 1:
        return text("1 after %(months)s months", months=months_between)
    return {
        1: text("%(number)s monthly", number=installments),
        3: text("%(number)s quarterly", number=installments),
        6: text("%(number)s half-yearly", number=installments),
    }[months_between]


PLANS: list[Any] = [
    (write_plan(count, months), plan_words(count, months)) for months, counts in COUNTS.items() for count in counts
]


class TermsForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Terms. `draft` is what was typed, once the form holds."""

    is_offered = BooleanField(_l("Offer financing"))
    note_rate = StringField(_l("Interest, percent a year"), [DataRequired(_l("Enter the interest.")), Length(max=20)])
    down_payment = StringField(
        _l("Down payment, percent"), [DataRequired(_l("Enter the down payment.")), Length(max=20)]
    )
    plans = SelectMultipleField(
        _l("Installments that can be chosen"),
        choices=PLANS,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    lender_name = StringField(_l("Name of the lender"), [Length(max=120)])
    lender_address = TextAreaField(_l("Address of the lender"), [Length(max=400)])
    refund_method = RadioField(
        _l("Interest that is given back when somebody pays early"),
        [InputRequired(_l("Choose one."))],
        choices=REFUNDS,
    )

    def validate_note_rate(self, field: StringField) -> None:
        """A percentage that is not out of all proportion."""
        if not 0 <= _rate(field.data) <= MOST_RATE:
            raise ValidationError(_l("The interest lies between 0 and 36 percent a year."))

    def validate_down_payment(self, field: StringField) -> None:
        """A percentage that leaves something to finance."""
        if not LEAST_DOWN <= _rate(field.data) <= MOST_DOWN:
            raise ValidationError(_l("The down payment lies between 5 and 90 percent."))

    def validate_plans(self, field: SelectMultipleField) -> None:
        """One at least where financing is offered."""
        if self.is_offered.data and not field.data:
            raise ValidationError(_l("Choose at least one."))

    def validate_lender_name(self, field: StringField) -> None:
        """Named where financing is offered: the agreement needs a lender."""
        if self.is_offered.data and not (field.data or "").strip():
            raise ValidationError(_l("Enter who lends the money."))

    def validate_lender_address(self, field: TextAreaField) -> None:
        """Named where financing is offered."""
        if self.is_offered.data and not (field.data or "").strip():
            raise ValidationError(_l("Enter the address of the lender."))

    @property
    def lending(self) -> Lending:
        """Rates and plans as typed."""
        plans = read_plans(" ".join(self.plans.data or ()))
        return Lending(_rate(self.down_payment.data), _rate(self.note_rate.data), plans)

    @property
    def draft(self) -> TermsDraft:
        """All of it as typed."""
        lending = self.lending
        return TermsDraft(
            bool(self.is_offered.data),
            lending.down_payment_rate,
            lending.note_rate,
            lending.plans,
            self.refund_method.data,
            self.lender_name.data or "",
            "\n".join((self.lender_address.data or "").splitlines()),
        )


class ExampleForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """One policy to try the terms on."""

    premium = StringField(_l("Premium"), [DataRequired(_l("Enter a premium.")), Length(max=20)])
    state = SelectField(
        _l("State of the insured"), choices=[(code, f"{code} · {name}") for code, name in sorted(state_names().items())]
    )

    def validate_premium(self, field: StringField) -> None:
        """Dollars."""
        if _read(lambda: parse_money(field.data or "")) <= 0:
            raise ValidationError(_l("Enter a premium above zero."))

    @property
    def premium_cents(self) -> int:
        """What was typed."""
        return parse_money(self.premium.data or "")


def stored_terms(terms: LendingTerms | None) -> MultiDict[str, Any]:
    """The fields of the form as they are stored, or what it begins with."""
    if terms is None:
        return MultiDict(FIRST_TERMS)
    return MultiDict(
        {
            **({"is_offered": "y"} if terms.is_offered else {}),
            "note_rate": rate_words(terms.note_rate),
            "down_payment": rate_words(terms.down_payment_rate),
            "plans": terms.plans.split(),
            "lender_name": terms.lender_name,
            "lender_address": terms.lender_address,
            "refund_method": terms.refund_method,
        }
    )


def rate_words(rate: Decimal) -> str:
    """A rate as percent is typed: 0.129 is "12.9"."""
    return percent_words(int(rate * 10_000))


def _rate(typed: str | None) -> Decimal:
    return Decimal(_read(lambda: parse_percent(typed or ""))) / 10_000


def _read(read: Callable[[], Value]) -> Value:
    """What a person typed; its error goes to the field."""
    try:
        return read()
    except BadInput as error:
        raise ValidationError(say(error.message)) from error
