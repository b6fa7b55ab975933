"""The reader's language: chosen on any page, kept in the browser's session, and for an insured's mails."""

from functools import cache, lru_cache

from babel import Locale
from flask import Blueprint, Flask, g, request, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_login import current_user
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from portal.insureds.language import keep_locale, kept_locale
from portal.web.guards import public
from portal.web.htmx import redirect_to
from portal.web.next_page import safe_path
from portal.web.units import read_unit, write_unit

LOCALES = {"en": "en_US", "es": "es_US"}
DEFAULT = "en_US"
CHOSEN = "language"
routes = Blueprint("language", __name__)


def init_language(app: Flask) -> None:
    """Install Babel with the reader's choice, else the browser's wish, else the agency's language."""
    Babel(app, locale_selector=lambda: _parsed(current_locale()))


_parsed = cache(Locale.parse)
"""Babel parses slowly, and finds faster what belongs to a locale that is the same object."""


def current_locale() -> str:
    """en_US or es_US."""
    if session.get(CHOSEN) in LOCALES:
        return LOCALES[session[CHOSEN]]
    wished = _wished(request.headers.get("Accept-Language", ""))
    return LOCALES[wished] if wished else str(getattr(g.get("agency"), "locale", DEFAULT))


@lru_cache(maxsize=256)
def _wished(header: str) -> str | None:
    """Of our languages the one that a browser would rather have; most browsers say the same few lines."""
    accepted = parse_accept_header(header, LanguageAccept)
    wishes = (wish.partition("-")[0].lower() for wish, quality in accepted if quality)
    return next((wish for wish in wishes if wish in LOCALES), None)


def speak_as_kept(email: str) -> None:
    """After a sign-in: go on in the language on file, unless one was chosen in this browser.

    English on file says nothing: it is what everyone has who was never asked.
    """
    kept = kept_locale(read_unit(), email)
    if CHOSEN not in session and kept is not None and kept != DEFAULT:
        session[CHOSEN] = kept.partition("_")[0]


@routes.post("/language", endpoint="language")
@public
def choose() -> ResponseReturnValue:
    """Switch, and go back to the page; an insured's mails and documents follow."""
    wished = request.form.get("language")
    if wished in LOCALES:
        session[CHOSEN] = wished
        if current_user.is_authenticated:
            with write_unit() as unit:
                keep_locale(unit, current_user.email, LOCALES[wished])
    return redirect_to(safe_path(request.form.get("next")))
