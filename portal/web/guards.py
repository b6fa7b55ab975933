"""Who may call a route. Each states it with one of these; one hook enforces it, and a test reads all routes.

A route without a word is not served at all.
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.web.htmx import is_htmx, redirect_to
from portal.web.services import services
from portal.web.tenancy import AGENCY

Access = Literal["deployment", "public", "insured", "guest", "holder", "processor"]
View = TypeVar("View", bound=Callable[..., Any])
GUEST = "guest"


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        function: Any = getattr(view, "__func__", view)  # a bound method says it for its function
        function.__access__ = access
        return view

    return mark


deployment = _declare("deployment")
"""Anyone, with or without an agency: health, static files."""
public = _declare("public")
"""Anyone, in an agency's portal."""
insured_only = _declare("insured")
"""Someone who has signed in; what they may see, the route asks by their e-mail address."""
guest_only = _declare("guest")
"""A browser that has shown a policy number and its ZIP in the last 15 minutes."""
holder_only = _declare("holder")
"""Whoever holds the unguessable name in the address: a payment link, a payment's page."""
processor_only = _declare("processor")
"""The payment processor, by its signature; no cookie counts."""


def init_guards(app: Flask) -> None:
    """Install the hook."""
    app.before_request(_find_agency)
    app.before_request(_enforce)


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What a route states, or None."""
    return getattr(app.view_functions[endpoint], "__access__", None)


def _find_agency() -> None:
    slug = request.environ.get(AGENCY)
    g.agency = services().directory.by_slug(slug) if slug else None


def _enforce() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    access = access_of(current_app, request.endpoint)
    if access is None:
        raise LookupError(f"{request.endpoint} does not say who may call it")
    if access == "deployment":
        return None
    if g.agency is None:
        abort(404)
    if request.method not in {"GET", "HEAD", "OPTIONS"} and access != "processor" and _comes_from_elsewhere():
        abort(403)
    if access == "insured" and not current_user.is_authenticated:
        return _to_sign_in()
    if access == "guest" and GUEST not in session:
        return redirect_to(url_for("guest.lookup"))
    return None


def _comes_from_elsewhere() -> bool:
    """A form of another site: the browser says so itself."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return True
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _to_sign_in() -> ResponseReturnValue:
    here = request.full_path.rstrip("?") if request.method == "GET" and not is_htmx() else "/"
    return redirect_to(url_for("insured.sign_in", next=here))
