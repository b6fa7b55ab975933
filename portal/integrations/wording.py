"""Says texts, dates and documents in a reader's language: the edge for mail and PDF."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path

from babel.dates import format_date
from babel.support import NullTranslations, Translations

from portal.core.text import Text


class Wording:
    """The words of one locale.

    Args:
        locale: en_US or es_US.
        folder: of the compiled catalogs; None says everything in English.
    """

    def __init__(self, locale: str, folder: Path | None) -> None:
        self.locale = locale
        self._folder = folder

    @cached_property
    def _catalog(self) -> NullTranslations:
        return Translations.load(self._folder, [self.locale]) if self._folder else NullTranslations()

    @property
    def language(self) -> str:
        """The language alone: "en"."""
        return self.locale.partition("_")[0]

    def message(self, message: str) -> str:
        """Translate a message, its %(name)s places kept."""
        return self._catalog.ugettext(message)

    def plural(self, singular: str, plural: str, number: int) -> str:
        """Translate a message that counts."""
        return self._catalog.ungettext(singular, plural, number)

    def say(self, value: object) -> object:
        """Turn a Text or a date into what the reader sees; anything else stays as it is.

        Raises:
            TypeError: a datetime, which has no day before somebody says where.
        """
        if isinstance(value, Text):
            said = self.message(value.message)
            return said % self.values(value.values) if value.values else said
        if isinstance(value, datetime):
            raise TypeError("say the agency's calendar day, not a moment")
        if isinstance(value, date):
            return _day(value, self.locale)
        return value

    def values(self, values: Mapping[str, object]) -> dict[str, object]:
        """Say each value that goes into a message."""
        return {name: self.say(value) for name, value in values.items()}


@lru_cache(maxsize=1024)
def _day(day: date, locale: str) -> str:
    return format_date(day, "medium", locale=locale)


@lru_cache(maxsize=8)
def wording(locale: str, folder: Path | None) -> Wording:
    """The words of a locale, loaded once."""
    return Wording(locale, folder)
