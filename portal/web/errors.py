"""One handler turns expected failures into a page or a fragment in the agency's look."""

from collections.abc import Callable
from typing import Any

from flask import Flask, has_request_context, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from portal.core.errors import NotFound, PortalError
from portal.core.text import Text, text
from portal.web.branding import render
from portal.web.filters import say
from portal.web.units import close_read_unit

PAGES = {403, 404, 410, 422, 429, 500}
STALE = text(
    "This page was open for too long, or your browser keeps no cookies. "
    "Go back, reload it, and try again. Nothing was charged."
)
WORDS = {
    400: text("Your browser sent something that we could not read. Go back and try again. Nothing was charged."),
    403: text("For your safety this was refused: it came from another site. Open our page and try again."),
    405: text("This page cannot be opened by its address alone. Go back, or begin at the home page."),
    413: text("What you sent is too large for us. Make it smaller and try again. Nothing was charged."),
}
LOOKS_LIKE = {405: 404}


class PortalApp(Flask):
    """Flask, with a log that never shows an address: payment links and sign-in links are keys.

    Addresses without parts, which every page's head has, are built once for each agency.
    """

    def __init__(self, *values: Any, **more: Any) -> None:
        super().__init__(*values, **more)
        self._addresses: dict[tuple[str, str], str] = {}

    def url_for(self, endpoint: str, /, **values: Any) -> str:  # type: ignore[override]  # keywords as Flask's
        """Flask's. What is kept names a route and an agency's path, never a person or a token."""
        if values or not has_request_context():
            return super().url_for(endpoint, **values)
        key = (request.script_root, endpoint)
        if key in self._addresses:
            return self._addresses[key]
        address = super().url_for(endpoint)
        if endpoint[0] != "." and endpoint.partition(".")[0] not in self.url_default_functions:
            self._addresses[key] = address
        return address

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is: none of ours is a coroutine. Flask would look at every hook in every request."""
        return func

    def log_exception(self, exc_info: Any) -> None:
        """Name the route of a failure, not its address."""
        self.logger.error("Exception in %s [%s]", request.endpoint, request.method, exc_info=exc_info)


def init_errors(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(PortalError, _portal_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(InternalServerError, _http_error)


def _portal_error(error: PortalError) -> ResponseReturnValue:
    close_read_unit()
    return _page(error.status, None if error.message is NotFound.default else error.message)


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    return _page(403, STALE, "stale")


def _http_error(error: HTTPException) -> ResponseReturnValue:
    close_read_unit()
    status = error.code or 500
    if status < 400:
        return error
    page, _ = _page(status, WORDS.get(status), LOOKS_LIKE.get(status))
    return page, status, [(name, value) for name, value in error.get_headers() if name in {"Allow", "Retry-After"}]


def _page(status: int, message: Text | None, template: int | str | None = None) -> tuple[str, int]:
    template = template or (status if status in PAGES else (422 if status < 500 else 500))
    return render(f"errors/{template}.html", message=say(message) if message else None), status
