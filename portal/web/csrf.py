"""The token against forms of other sites: Flask-WTF's, made once for a page, however many forms it has."""

from flask import Blueprint, Flask, g
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf


def init_csrf(app: Flask, *exempt: Blueprint) -> None:
    """Install the check, and `csrf_token()` for templates.

    Args:
        exempt: what other machines send to, whose word is proved otherwise.
    """
    csrf = CSRFProtect(app)
    for routes in exempt:
        csrf.exempt(routes)
    app.jinja_env.globals["csrf_token"] = csrf_token


def csrf_token() -> str:
    """The token of this answer's forms; Flask-WTF keeps it too, but reads its settings anew at each question."""
    token: str = g.get("csrf_token") or generate_csrf()
    return token
