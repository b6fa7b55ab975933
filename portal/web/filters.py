"""How values are written for people: money, days and moments in the reader's language, texts translated."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import get_locale, get_translations
from markupsafe import Markup

from portal.core.clock import local_date, now
from portal.core.money import format_money
from portal.core.text import Text
from portal.web.statuses import look_of

FALLBACK_ZONE = "America/New_York"


def init_filters(app: Flask) -> None:
    """Make the filters `money`, `date`, `datetime`, `relative_day`, `text` and `look` known to templates."""
    app.jinja_env.filters.update(
        money=format_money,
        date=say_date,
        datetime=say_datetime,
        relative_day=say_relative_day,
        text=say,
        look=look_of,
    )
    app.jinja_env.globals.update(_=gettext, gettext=gettext, ngettext=_ngettext)


def filters_in(words: NullTranslations, locale: Locale) -> dict[str, Callable[..., str]]:
    """Those of the filters that write in a language, for templates that are of this one: none asks for the reader's."""
    return {
        "text": partial(_say, words, locale),
        "date": partial(_say_date, locale),
        "relative_day": partial(_say_relative_day, words),
    }


def gettext(message: str, **values: object) -> Markup:
    """`_()` of templates, as Jinja's new style has it, with a third of the calls; values are escaped."""
    found = _translated(catalog(), message)
    return found % values if "%" in found else found


@lru_cache(maxsize=4096)
def _translated(words: NullTranslations, message: str) -> Markup:
    return Markup(_in_words(words, message))  # noqa: S704 - messages are written by us  # nosec B704


@lru_cache(maxsize=4096)
def _in_words(words: NullTranslations, message: str) -> str:
    return words.ugettext(message)


def _ngettext(singular: str, plural: str, num: int, **values: object) -> Markup:
    found = Markup(catalog().ungettext(singular, plural, num))  # noqa: S704  # nosec B704
    return found % {"num": num, **values}


def catalog() -> NullTranslations:
    """The reader's translations, looked up once in a request: Flask-Babel looks up each time, slowly."""
    try:
        found: NullTranslations = g.catalog
    except AttributeError:
        found = g.catalog = get_translations()
    return found


def say(value: object) -> str:
    """Translate a Text; days, moments and texts among its values are written for the reader too.

    Anything else (a plain or a lazy string) is taken as it stands.
    """
    return _say(catalog(), reader_locale(), value)


def _say(words: NullTranslations, locale: Locale, value: object) -> str:
    if not isinstance(value, Text):
        return str(value)
    message = _in_words(words, value.message)
    if not value.values:
        return message
    return message % {name: _say_value(words, locale, item) for name, item in value.values.items()}


def say_date(value: date) -> str:
    """A day, or the agency's day of a moment: "Aug 1, 2026", in Spanish "1 ago 2026"."""
    return _say_date(reader_locale(), value)


def _say_date(locale: Locale, value: date) -> str:
    return _written(_day(value), locale)


@lru_cache(maxsize=4096)
def _written(day: date, locale: Locale) -> str:
    return format_date(day, format="medium", locale=locale)


def say_datetime(value: datetime) -> str:
    """A moment on the agency's clock: "Aug 1, 2026, 3:05 PM EDT"."""
    return _say_datetime(reader_locale(), value)


def _say_datetime(locale: Locale, value: datetime) -> str:
    clock = format_datetime(value, "h:mm a z", tzinfo=ZoneInfo(_zone()), locale=locale)
    return f"{_written(_day(value), locale)}, {clock}"


def say_relative_day(value: date, today: date | None = None) -> str:
    """How far a day is from today: "in 22 days", "tomorrow", "today", "yesterday", "3 days ago".

    Args:
        today: the day to count from; by default the present one where the agency is.
    """
    return _say_relative_day(catalog(), value, today)


def _say_relative_day(words: NullTranslations, value: date, today: date | None = None) -> str:
    days = (_day(value) - (today or _today())).days
    if days == 0:
        return words.ugettext("today")
    if days == 1:
        return words.ugettext("tomorrow")
    if days == -1:
        return words.ugettext("yesterday")
    if days > 0:
        return words.ungettext("in %(num)d day", "in %(num)d days", days) % {"num": days}
    return words.ungettext("%(num)d day ago", "%(num)d days ago", -days) % {"num": -days}


def _say_value(words: NullTranslations, locale: Locale, value: object) -> object:
    if isinstance(value, Text):
        return _say(words, locale, value)
    if isinstance(value, datetime):
        return _say_datetime(locale, value)
    return _say_date(locale, value) if isinstance(value, date) else value


def _day(value: date) -> date:
    return local_date(value, _zone()) if isinstance(value, datetime) else value


def _zone() -> str:
    return str(getattr(g.get("agency"), "time_zone", FALLBACK_ZONE))


def _today() -> date:
    """The day where the agency is, looked up once in a request."""
    try:
        found: date = g.today
    except AttributeError:
        found = g.today = local_date(now(), _zone())
    return found


def reader_locale() -> Locale:
    """The reader's language and country, looked up once in a request."""
    try:
        found: Locale = g.reader_locale
    except AttributeError:
        found = g.reader_locale = get_locale() or Locale("en", "US")
    return found
