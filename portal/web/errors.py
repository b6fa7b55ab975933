"""One handler turns expected failures into a page or a fragment in the agency's look."""

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from portal.core.errors import PortalError
from portal.core.text import Text, text
from portal.web.branding import render
from portal.web.filters import say
from portal.web.units import close_read_unit

PAGES = {403, 404, 410, 422, 429, 500}


def init_errors(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(PortalError, _portal_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(InternalServerError, _http_error)


def _portal_error(error: PortalError) -> ResponseReturnValue:
    close_read_unit()
    return _page(error.status, error.message)


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    return _page(403, text("This page was open for too long. Go back, reload it, and try again. Nothing was charged."))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    close_read_unit()
    status = error.code or 500
    if status < 400:
        return error
    return _page(status, None)


def _page(status: int, message: Text | None) -> ResponseReturnValue:
    template = status if status in PAGES else (422 if status < 500 else 500)
    return render(f"errors/{template}.html", message=say(message) if message else None), status
