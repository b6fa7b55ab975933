"""The reader's language: chosen on any page, kept in the browser's session, and for an insured's mails."""

from flask import Blueprint, Flask, g, request, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_login import current_user

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
    Babel(app, locale_selector=current_locale)


def current_locale() -> str:
    """en_US or es_US."""
    if session.get(CHOSEN) in LOCALES:
        return LOCALES[session[CHOSEN]]
    wishes = (wish.partition("-")[0].lower() for wish, quality in request.accept_languages if quality)
    wished = next((wish for wish in wishes if wish in LOCALES), None)
    return LOCALES[wished] if wished else str(getattr(g.get("agency"), "locale", DEFAULT))


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
