"""Reads one object of an answer, field by field; what is not of the agreed shape is said with its place."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from portal.core.errors import BadInput
from portal.core.money import parse_money
from portal.policy_system.protocol import ChangedSchema

LONGEST_VALUE = 120
_MONEY = re.compile(r"-?\d{1,12}(\.\d{1,2})?")


class Fields:
    """The fields of one object.

    Args:
        raw: what came.
        where: its place within the answer, for messages.

    Raises:
        ChangedSchema: it is no object; so does each method for a field that is not of its kind.
    """

    def __init__(self, raw: object, where: str) -> None:
        if not isinstance(raw, dict):
            raise ChangedSchema(where, shortened(raw), as_json(raw))
        self._raw: dict[str, Any] = raw
        self._where = where

    def said(self, name: str) -> str | None:
        """A text, or None where there is none; a number counts as the text it makes."""
        value = self._raw.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise self._odd(name)

    def needed(self, name: str) -> str:
        """A text without which the object means nothing."""
        value = self.said(name)
        if not value:
            raise self._odd(name)
        return value

    def cents(self, name: str) -> int | None:
        """Money, written as "-500.00", in cents; more than two decimals are refused, not rounded."""
        value = self._raw.get(name)
        if value is None:
            return None
        written = value if isinstance(value, str) else str(value) if isinstance(value, int | Decimal) else ""
        if isinstance(value, bool) or not _MONEY.fullmatch(written):
            raise self._odd(name)
        try:
            return parse_money(written)
        except BadInput:
            raise self._odd(name) from None

    def percent(self, *names: str) -> Decimal | None:
        """A percentage (25.0 is 25 %), by the first of these names that has one."""
        for name in names:
            value = self._raw.get(name)
            if isinstance(value, bool) or not isinstance(value, int | Decimal | None):
                raise self._odd(name)
            if value is not None:
                return Decimal(value)
        return None

    def day(self, name: str) -> date | None:
        """A date, YYYY-MM-DD."""
        value = self.said(name)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            raise self._odd(name) from None

    def moment(self, name: str) -> datetime | None:
        """A time with its zone, RFC 3339."""
        value = self.said(name)
        if not value:
            return None
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            raise self._odd(name) from None
        if found.tzinfo is None:
            raise self._odd(name)
        return found.astimezone(UTC)

    def flag(self, name: str, *, otherwise: bool) -> bool:
        """Yes or no."""
        value = self._raw.get(name)
        if value is None:
            return otherwise
        if not isinstance(value, bool):
            raise self._odd(name)
        return value

    def whole(self, name: str) -> int | None:
        """A whole number."""
        value = self._raw.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise self._odd(name)
        return value

    def part(self, name: str) -> "Fields | None":
        """An object within this one."""
        value = self._raw.get(name)
        return None if value is None else Fields(value, f"{self._where}.{name}")

    def rows(self, name: str) -> Iterable["Fields"]:
        """The objects of a list within this one."""
        value = self._raw.get(name)
        if value is None:
            return
        if not isinstance(value, list):
            raise self._odd(name)
        for number, each in enumerate(value):
            yield Fields(each, f"{self._where}.{name}[{number}]")

    def raw_rows(self, name: str) -> list[Any]:
        """A list that must be there, each of its rows to be read on its own."""
        value = self._raw.get(name)
        if not isinstance(value, list):
            raise self._odd(name)
        return value

    def payload(self) -> str:
        """The object as it came, for people."""
        return as_json(self._raw)

    def _odd(self, name: str) -> ChangedSchema:
        return ChangedSchema(f"{self._where}.{name}", shortened(self._raw.get(name)), self.payload())


def as_json(raw: object) -> str:
    """What came, as JSON; exact numbers as they were written. The page that shows it puts it into lines."""
    return json.dumps(raw, ensure_ascii=False, default=str)


def shortened(value: object) -> str:
    """A value for a message, not the whole of a long one."""
    written = "missing" if value is None else as_json(value)
    return written if len(written) <= LONGEST_VALUE else written[: LONGEST_VALUE - 1] + "…"
