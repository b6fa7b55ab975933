"""The reader's language: chosen on any page, kept in the browser's session."""

from flask import Blueprint, Flask, g, request, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel

from portal.web.guards import public
from portal.web.htmx import redirect_to
from portal.web.next_page import safe_path

LOCALES = {"en": "en_US", "es": "es_US"}
CHOSEN = "language"
routes = Blueprint("language", __name__)


def init_language(app: Flask) -> None:
    """Install Babel with the reader's choice, else the browser's wish, else the agency's language."""
    Babel(app, locale_selector=current_locale)


def current_locale() -> str:
    """en_US or es_US."""
    if session.get(CHOSEN) in LOCALES:
        return LOCALES[session[CHOSEN]]
    best = request.accept_languages.best_match(list(LOCALES))
    return LOCALES[best] if best else str(getattr(g.get("agency"), "locale", "en_US"))


@routes.post("/language", endpoint="language")
@public
def choose() -> ResponseReturnValue:
    """Switch, and go back to the page."""
    wished = request.form.get("language")
    if wished in LOCALES:
        session[CHOSEN] = wished
    return redirect_to(safe_path(request.form.get("next")))
