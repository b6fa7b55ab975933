"""A small app with the portal's layout and macros, for tests of what pages look like; no database, no agency lookup."""

from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask, g
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

from agency_branding import read_folder
from portal.app import ROOT
from portal.web.branding import init_branding
from portal.web.filters import init_filters


class _Agency(SimpleNamespace):
    __hash__ = object.__hash__  # as a row has


def agency_of(folder: str, **changes: object) -> Any:
    """An agency that looks as its brand folder says."""
    facts = asdict(read_folder(folder))
    facts |= {"slug": folder, "brand_hex": facts["hex"], "brand_folder": folder, "logo": None}
    return _Agency(**(facts | changes))


def make_pages_app(agency: Any = None, locale: str = "en_US", templates: dict[str, str] | None = None) -> Flask:
    """The app; every request is for `agency`, in `locale`, with `templates` besides the portal's own."""
    app = Flask("pages", root_path=str(ROOT), static_folder=None)
    app.config.update(SECRET_KEY="only for these tests", TESTING=True)
    CSRFProtect(app)
    Babel(app, locale_selector=lambda: locale)
    app.jinja_loader = ChoiceLoader(  # type: ignore[misc]
        [DictLoader(templates or {}), FileSystemLoader(ROOT / "templates")]
    )
    app.jinja_env.globals.update(csp_nonce=lambda: "n0nce", is_demo=True, asset=lambda name: f"/static/{name}")
    init_filters(app)
    init_branding(app)
    language = Blueprint("language", __name__)
    language.add_url_rule("/language", "language", lambda: "", methods=["POST"])
    app.register_blueprint(language)

    @app.before_request
    def _agency() -> None:
        g.agency = agency

    return app
