"""The form on the page about reminders: each step on or off with its days, and the hour."""

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, ValidationError
from wtforms.validators import Length

from portal.agencies.reminder_settings import (
    FIRST_HOUR,
    LAST_HOUR,
    MOST_AFTER,
    MOST_BEFORE,
    MOST_LINK,
    Reminding,
    Step,
)
from portal.core.text import text
from portal.web.filters import say

NUMBER = text("Enter a number of days between %(least)s and %(most)s.")
TWICE = text("Another one is on this day already. Change it, or switch one off.")
PARTS = {"before": (0, MOST_BEFORE), "after": (1, MOST_AFTER), "link": (1, MOST_LINK)}
"""Each list of steps, with the least and the most days. Of a payment link the first mail is always sent at once."""


class RemindersForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The hour, and for each step a box and a number of days: `before_0_on`, `before_0_days` and so on."""

    hour = SelectField(_l("From which hour on"), coerce=int)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.hour.choices = [(hour, hour_words(hour)) for hour in range(FIRST_HOUR, LAST_HOUR + 1)]

    def rows(self, part: str) -> list[tuple[Any, Any]]:
        """The fields of a list of steps: box and days."""
        return [(self[f"{part}_{n}_on"], self[f"{part}_{n}_days"]) for n in range(lengths()[part])]

    @property
    def reminding(self) -> Reminding:
        """What was typed, once the form holds."""
        steps = {part: tuple(Step(int(days.data), bool(box.data)) for box, days in self.rows(part)) for part in PARTS}
        return Reminding(self.hour.data, steps["before"], steps["after"], (Step(0), *steps["link"]))


def lengths() -> dict[str, int]:
    """How many steps there are of each kind."""
    usual = Reminding()
    return {"before": len(usual.before), "after": len(usual.after), "link": len(usual.link) - 1}


def typed(reminding: Reminding) -> dict[str, str]:
    """Settings as the form would hold them."""
    values = {"hour": str(reminding.hour)}
    for part, steps in (("before", reminding.before), ("after", reminding.after), ("link", reminding.link[1:])):
        for n, step in enumerate(steps):
            values[f"{part}_{n}_days"] = str(step.days)
            if step.is_on:
                values[f"{part}_{n}_on"] = "y"
    return values


def hour_words(hour: int) -> str:
    """An hour as people say it.

    >>> hour_words(9), hour_words(12), hour_words(20)
    ('9 a.m.', '12 noon', '8 p.m.')
    """
    if hour == 12:
        return "12 noon"
    return f"{hour} a.m." if hour < 12 else f"{hour - 12} p.m."


def _days_of(part: str, number: int) -> Callable[[RemindersForm, StringField], None]:
    least, most = PARTS[part]

    def check(form: RemindersForm, field: StringField) -> None:
        raw = (field.data or "").strip()
        if not raw.isdecimal() or not least <= int(raw) <= most:
            raise ValidationError(say(text(NUMBER.message, least=least, most=most)))
        field.data = str(int(raw))
        if not form[f"{part}_{number}_on"].data:
            return
        for earlier in range(number):
            box, days = form[f"{part}_{earlier}_on"], form[f"{part}_{earlier}_days"]
            if box.data and (days.data or "").strip() == field.data:
                raise ValidationError(say(TWICE))

    return check


for _part, _count in lengths().items():
    for _number in range(_count):
        setattr(RemindersForm, f"{_part}_{_number}_on", BooleanField(_l("Send it")))
        setattr(
            RemindersForm,
            f"{_part}_{_number}_days",
            StringField(_l("Days"), [Length(max=10), _days_of(_part, _number)]),
        )
