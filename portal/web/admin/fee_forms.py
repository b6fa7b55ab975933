"""The forms on the page about fees, and the examples that follow from what is typed."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from portal.agencies.fee_settings import Fees, parse_percent
from portal.agencies.part_settings import Parts, parse_limit
from portal.core.errors import BadInput
from portal.core.money import parse_money
from portal.core.text import text
from portal.payments.fees import fee_cents, fee_terms
from portal.web.filters import say

Value = TypeVar("Value")
BEARERS: list[Any] = [("agency", text("The agency bears the cost")), ("payer", text("Payers pay the fee"))]


class Example(NamedTuple):
    """What payments of one amount cost the payer, by how they are made."""

    amount_cents: int
    credit_cents: int
    debit_cents: int
    bank_cents: int


class _Wished(NamedTuple):
    """Fees as `fee_terms` reads an agency's."""

    fee_is_passed_on: bool
    card_fee_basis_points: int
    card_fee_fixed_cents: int
    bank_fee_cents: int


def percent_words(basis_points: int) -> str:
    """A percentage as it is typed.

    >>> percent_words(290), percent_words(300)
    ('2.9', '3')
    """
    return f"{basis_points / 100:.2f}".rstrip("0").rstrip(".")


class FeesForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Who bears it, and how much. `fees` is what was typed, once the form holds."""

    NAMES = frozenset({"bearer", "card_percent", "card_fixed", "bank"})

    bearer = RadioField(_l("Who bears the cost"), [InputRequired(_l("Choose one."))], choices=BEARERS)
    card_percent = StringField(_l("Credit card, percent of the amount"), [Length(max=20)])
    card_fixed = StringField(_l("Credit card, on top of that"), [Length(max=20)])
    bank = StringField(_l("Bank debit"), [Length(max=20)])

    def validate_card_percent(self, field: StringField) -> None:
        """A percentage within the networks' cap."""
        _read(lambda: Fees(False, parse_percent(field.data or "0"), 0, 0))

    def validate_card_fixed(self, field: StringField) -> None:
        """Cents."""
        _read(lambda: Fees(False, 0, parse_money(field.data or "0"), 0))

    def validate_bank(self, field: StringField) -> None:
        """Dollars."""
        _read(lambda: Fees(False, 0, 0, parse_money(field.data or "0")))

    @property
    def fees(self) -> Fees:
        """What was typed."""
        return Fees(
            self.bearer.data == "payer",
            parse_percent(self.card_percent.data or "0"),
            parse_money(self.card_fixed.data or "0"),
            parse_money(self.bank.data or "0"),
        )

    def examples(self, state: str, amounts_cents: Iterable[int]) -> list[Example]:
        """What would be charged in a state; nothing while the form has errors."""
        if self.errors:
            return []
        fees = self.fees
        terms = fee_terms(
            _Wished(fees.is_passed_on, fees.card_basis_points, fees.card_fixed_cents, fees.bank_cents), [state]
        )
        return [
            Example(
                cents,
                fee_cents(terms, "card", "credit", cents),
                fee_cents(terms, "card", "debit", cents),
                fee_cents(terms, "us_bank_account", "", cents),
            )
            for cents in amounts_cents
        ]


class PartsForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Whether invoices are taken in parts, and between which limits."""

    taken = BooleanField(_l("Payers may pay a part of an invoice"))
    least = StringField(_l("At least"), [Length(max=20)])
    most = StringField(_l("At most"), [Length(max=20)])

    def validate_least(self, field: StringField) -> None:
        """A limit, or none."""
        _read(lambda: parse_limit(field.data or ""))

    def validate_most(self, field: StringField) -> None:
        """A limit, or none, and not below the least."""
        most = _read(lambda: parse_limit(field.data or ""))
        if not self.least.errors:
            _read(lambda: Parts(True, parse_limit(self.least.data or ""), most))

    @property
    def parts(self) -> Parts:
        """What was typed."""
        return Parts(bool(self.taken.data), parse_limit(self.least.data or ""), parse_limit(self.most.data or ""))


def _read(read: Callable[[], Value]) -> Value:
    """What a person typed; its error goes to the field."""
    try:
        return read()
    except BadInput as error:
        raise ValidationError(say(error.message)) from error
