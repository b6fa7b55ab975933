"""Pages in the agency's own look: a Jinja environment per brand folder and language; the brand's CSS, logo, favicon.

A loader that asked for the agency would leak between agencies, since Jinja caches templates by name; and
`select_template` misses overrides that are reached by `extends` and `include`. Hence an overlay for each folder.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any, cast
from weakref import WeakKeyDictionary

from babel.support import NullTranslations
from flask import Blueprint, Flask, abort, current_app, g, redirect, request, url_for
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Context, Macro
from werkzeug.wrappers import Response

from agency_branding import brand_blueprints, read_folder
from portal.agencies.brand import Brand, Branded, brand_of, content_hash, default_brand, render_brand_css
from portal.agencies.favicon import draw_favicon
from portal.agencies.palette import derive_palette
from portal.web.filters import catalog, filters_in, reader_locale
from portal.web.guards import deployment
from portal.web.template_constants import settle_constants

routes = Blueprint("branding", __name__)
_EXTENSION = "portal-branding"
_PLAIN = frozenset({FunctionType, MethodType})
_FOR_GOOD = "public, max-age=31536000, immutable"


def init_branding(app: Flask) -> None:
    """Register brand folders, brand files and the template variables `brand`, `brand_files` and `language`."""
    app.extensions[_EXTENSION] = {}
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.context_class = _Context
    app.register_blueprint(routes)
    for folder in brand_blueprints():
        app.register_blueprint(folder)
        deployment(app.view_functions[f"{folder.name}.static"])
    app.context_processor(_variables)


class _Context(Context):
    """Jinja's, with less work at each import, include and call.

    It says that no template has globals of its own, which is so: else each import compares all their names.
    """

    def __init__(self, *values: Any, **_globals: Any) -> None:
        super().__init__(*values)

    def call(
        self, called: Callable[..., Any], /, *values: Any, _block_vars: Any = None, _loop_vars: Any = None, **more: Any
    ) -> Any:
        """Call a macro or a plain function; Jinja would look twice how it wants to be called."""
        kind = type(called)
        if kind is Macro:
            return called(self.eval_ctx, *values, **more)
        if kind in _PLAIN and not hasattr(called, "jinja_pass_arg"):
            return called(*values, **more)
        return super().call(called, *values, _block_vars=_block_vars, _loop_vars=_loop_vars, **more)


def render(template: str, **context: object) -> str:
    """Render a template, or the current agency's override of it, with the app's context processors.

    Raises:
        jinja2.UndefinedError: the template uses a name that nobody gave it.
    """
    values: dict[str, object] = dict(context)
    current_app.update_template_context(values)
    return environment(_look().brand.folder, catalog()).get_template(template).render(values)


def environment(folder: str, words: NullTranslations) -> Environment:
    """The Jinja environment of a brand folder and a language; folders without templates share one."""
    made: dict[tuple[Path | None, NullTranslations], Environment] = current_app.extensions[_EXTENSION]
    own, shared = read_folder(folder).templates, current_app.jinja_env
    if (own, words) not in made:
        loaders = [FileSystemLoader(own), shared.loader] if own and shared.loader else []
        found = shared.overlay(loader=ChoiceLoader(loaders)) if loaders else shared.overlay()
        found.filters = shared.filters | filters_in(words, reader_locale())
        settle_constants(found, words)
        # No template has globals of its own, and Jinja's chain of none and the app's is slow to copy.
        found.make_globals = lambda _own: found.globals  # type: ignore[method-assign,assignment]
        if not found.auto_reload:
            found.get_template = cache(found.get_template)  # type: ignore[method-assign]  # Jinja's way has a lock
        made[own, words] = found
    return made[own, words]


@dataclass(frozen=True, slots=True)
class _Look:
    """What pages need of a brand, with the addresses of its files."""

    brand: Brand
    files: dict[str, str]


_looks: WeakKeyDictionary[Branded, dict[str, _Look]] = WeakKeyDictionary()
"""By the agency's row, which is read anew every few seconds, and the path at which it is reached."""


def _look() -> _Look:
    """The look of the agency whose portal this request is for; the plain one where no agency is known."""
    agency = cast(Branded | None, g.get("agency"))
    if agency is None:
        return _look_of(default_brand())
    made = _looks.setdefault(agency, {})
    if request.script_root not in made:
        made[request.script_root] = _look_of(brand_of(agency))
    return made[request.script_root]


def _look_of(brand: Brand) -> _Look:
    files = {
        "css": url_for("branding.css", digest=_css(brand.hex)[1]),
        "favicon": url_for("branding.favicon", digest=_hash(draw_favicon(brand))),
    }
    if brand.logo is not None:
        brand = replace(brand, logo_url=url_for("branding.logo", digest=_hash(brand.logo)))
    return _Look(brand, files)


@routes.get("/brand-<digest>.css")
@deployment
def css(digest: str) -> Response:
    """The agency's colours."""
    text, current = _css(_look().brand.hex)
    if digest != current:
        return _moved(url_for("branding.css", digest=current))
    return _forever(text.encode(), "text/css; charset=utf-8")


@routes.get("/logo-<digest>.png")
@deployment
def logo(digest: str) -> Response:
    """The agency's logo."""
    image = _look().brand.logo
    if image is None:
        abort(404)
    if digest != _hash(image):
        return _moved(url_for("branding.logo", digest=_hash(image)))
    return _forever(image, "image/png")


@routes.get("/favicon-<digest>.png")
@deployment
def favicon(digest: str) -> Response:
    """The agency's favicon."""
    image = draw_favicon(_look().brand)
    if digest != _hash(image):
        return _moved(url_for("branding.favicon", digest=_hash(image)))
    return _forever(image, "image/png")


def _variables() -> dict[str, object]:
    look = _look()
    return {"brand": look.brand, "brand_files": look.files, "language": reader_locale().language}


@lru_cache(maxsize=256)
def _css(hex_: str) -> tuple[str, str]:
    text = render_brand_css(derive_palette(hex_))
    return text, content_hash(text.encode())


@lru_cache(maxsize=128)
def _hash(content: bytes) -> str:
    return content_hash(content)


def _forever(content: bytes, mimetype: str) -> Response:
    return Response(content, content_type=mimetype, headers={"Cache-Control": _FOR_GOOD})


def _moved(url: str) -> Response:
    response = redirect(url)
    response.headers["Cache-Control"] = "no-store"
    return response
