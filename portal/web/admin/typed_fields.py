"""A field that is read the way a cell of a programs file is; what cannot be read says so beside it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from wtforms import StringField, ValidationError
from wtforms.form import BaseForm

from portal.core.errors import BadInput
from portal.core.text import text
from portal.imports.cells import read_country, read_rate, read_text
from portal.web.filters import say

EMPTY = text("Fill this in.")


class Typed(StringField):
    """One line. `value` is what was read of it, once the form was validated; `empty` where nothing stands.

    Args:
        read: makes the value, raises BadInput.
        needed: "always", or "billed" when a draft may leave it empty; "" when it may always be empty.
        empty: the value of an empty field.
    """

    def __init__(
        self,
        label: Any,
        read: Callable[[str], object] = read_text,
        needed: str = "",
        *,
        empty: object = "",
        **more: Any,
    ) -> None:
        super().__init__(label, **more)
        self.read, self.needed, self.empty = read, needed, empty
        self.value: Any = empty

    def pre_validate(self, form: BaseForm) -> None:
        """Read it."""
        raw = " ".join((self.data or "").split())
        try:
            self.value = self.reader(form)(raw) if raw else self.empty
        except BadInput as error:
            raise ValidationError(say(error.message)) from error

    def reader(self, form: BaseForm) -> Callable[[str], object]:
        """How it is read in this form."""
        return self.read

    def miss(self, *, is_draft: bool) -> None:
        """Say so where nothing stands that has to."""
        if not (self.data or "").strip() and (self.needed == "always" or (self.needed and not is_draft)):
            self.errors = [*self.errors, say(EMPTY)]


class HomeField(Typed):
    """A state or ZIP: of the United States, or any text abroad."""

    def reader(self, form: BaseForm) -> Callable[[str], object]:
        """By the country that is typed beside it."""
        try:
            is_abroad = read_country((form["country"].data or "US").strip()) != "US"
        except BadInput:
            is_abroad = False
        return read_text if is_abroad else self.read


def read_percent(raw: str) -> Decimal:
    """A percentage as a fraction; in a field that says percent, 0.5 is half a percent."""
    return read_rate(raw.replace(" ", "").removesuffix("%") + "%")
