"""The forms about one-time payments. What was typed goes from the form to the page that says what follows, and back."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple, TypeVar

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.fields import Field
from wtforms.validators import DataRequired, InputRequired, Length

from portal.core.email_address import parse_email
from portal.core.errors import BadInput
from portal.core.money import parse_money, plain_money
from portal.core.text import text
from portal.invoices.issue import LineDraft
from portal.invoices.line_words import LINE_PARTS
from portal.servicing.one_time_schedule import EVERY, Part, schedule
from portal.web.filters import say

MOST_LINES = 8
SHOWN_LINES = 3
LINE_KINDS: list[Any] = [("item", text("Other")), *LINE_PARTS.items()]
SPACINGS: list[Any] = list(EVERY.items())
Value = TypeVar("Value")


class LineFields(NamedTuple):
    """The fields of one line."""

    what: StringField
    kind: SelectField
    amount: StringField

    @property
    def is_used(self) -> bool:
        """Whether anything was typed or found wrong."""
        return bool(self.what.data or self.amount.data or self.what.errors or self.amount.errors)


class OneTimeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """What is asked for. `lines` is what was typed, once the form holds.

    Its lines are what_1, kind_1, amount_1 and so on; those that are empty do not count.
    """

    description = StringField(_l("What is it for?"), [DataRequired(_l("Enter what it is for.")), Length(max=100)])
    due_date = DateField(_l("Due date"), [InputRequired(_l("Enter the due date."))])
    email = StringField(_l("Another e-mail address, for this payment alone"), [Length(max=254)])

    def line_fields(self) -> list[LineFields]:
        """The fields of each line."""
        return [
            LineFields(*(self[f"{name}_{number}"] for name in LineFields._fields))
            for number in range(1, MOST_LINES + 1)
        ]

    def validate_email(self, field: StringField) -> None:
        """An address that mail can reach, or none."""
        if (field.data or "").strip():
            read(lambda: parse_email(field.data or ""))

    def validate_what_1(self, field: StringField) -> None:
        """At least one line, and of each line what it is and how much."""
        used = [line for line in self.line_fields() if line.is_used]
        if not used:
            raise ValidationError(say(text("Enter at least one line.")))

    @property
    def what(self) -> str:
        """What it is for, as typed."""
        return " ".join((self.description.data or "").split())

    @property
    def lines(self) -> tuple[LineDraft, ...]:
        """What was typed."""
        return tuple(
            LineDraft(line.kind.data, _label(line), parse_money(line.amount.data))
            for line in self.line_fields()
            if line.amount.data
        )

    @property
    def contact_email(self) -> str | None:
        """The address of its own, or None."""
        typed = (self.email.data or "").strip()
        return parse_email(typed) if typed else None

    def typed(self) -> Iterator[tuple[str, str]]:
        """Every field with what was typed into it, to be sent again by another page."""
        for field in self:
            if field.name not in {"csrf_token", "step"} and field.data not in {None, "", False}:
                yield field.name, str(field._value()) if hasattr(field, "_value") else str(field.data)


class NewOneTimeForm(OneTimeForm):
    """A new one, or several."""

    payments = IntegerField(_l("In how many payments?"), [InputRequired(_l("Enter a number of payments."))], default=1)
    every = SelectField(_l("How far apart?"), choices=SPACINGS, default="month")
    send = BooleanField(_l("Send the payment link now, and again until it is paid"))
    request_key = HiddenField()

    def parts(self, today: date) -> tuple[Part, ...]:
        """The payments that this comes to.

        Raises:
            BadInput: see `schedule`.
        """
        assert self.due_date.data is not None
        assert self.payments.data is not None
        return schedule(self.lines, self.due_date.data, self.payments.data, self.every.data, today)


class ChangeOneTimeForm(OneTimeForm):
    """One that there is. `seen`: when it was last touched, as the form was filled from it."""

    seen = HiddenField()


class CancelForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Why, and whether the rest of the payments go with it."""

    which = RadioField(_l("Which payments?"), [InputRequired(_l("Choose one."))])
    reason = StringField(_l("Why?"), [DataRequired(_l("Enter the reason.")), Length(max=300)])


def line_values(lines: tuple[LineDraft, ...]) -> dict[str, str]:
    """Lines as the form's fields hold them."""
    return {
        name: value
        for number, line in enumerate(lines, 1)
        for name, value in (
            (f"what_{number}", line.label),
            (f"kind_{number}", line.kind),
            (f"amount_{number}", plain_money(line.amount_cents)),
        )
    }


def read(reading: Callable[[], Value]) -> Value:
    """What a person typed; its error goes to the field."""
    try:
        return reading()
    except BadInput as error:
        raise ValidationError(say(error.message)) from error


def _label(line: LineFields) -> str:
    """The agency's own words; of taxes and fees the part's name will do."""
    return (line.what.data or "").strip() or str(LINE_PARTS.get(line.kind.data, ""))


def _amount(form: FlaskForm, field: Field) -> None:
    """Dollars above nothing, where the line says what they are for."""
    what, kind = form[f"what_{field.name[-1]}"], form[f"kind_{field.name[-1]}"]
    named = bool((what.data or "").strip())
    if not (field.data or "").strip():
        if named:
            raise ValidationError(say(text("Enter the amount.")))
        return
    if read(lambda: parse_money(field.data)) <= 0:
        raise ValidationError(say(text("Enter an amount of more than nothing.")))
    if not named and kind.data == "item":
        raise ValidationError(say(text("Say what the amount is for.")))


for _number in range(1, MOST_LINES + 1):
    setattr(OneTimeForm, f"what_{_number}", StringField(_l("What"), [Length(max=100)]))
    setattr(OneTimeForm, f"kind_{_number}", SelectField(_l("Kind"), choices=LINE_KINDS, default="item"))
    setattr(OneTimeForm, f"amount_{_number}", StringField(_l("Amount"), [Length(max=20), _amount]))
