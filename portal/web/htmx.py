"""HTMX: one template, two answers."""

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from htmx_flask import Htmx
from htmx_flask import request as htmx_request
from werkzeug.wrappers import Response


def init_htmx(app: Flask) -> None:
    """Understand HX-* headers, and tell caches that answers depend on them."""
    Htmx(app)
    app.after_request(_vary)


def is_htmx() -> bool:
    """Whether a fragment is asked for, not a page."""
    return bool(htmx_request.htmx)


def redirect_to(url: str) -> ResponseReturnValue:
    """Send the browser to a page, from a form of either kind."""
    if is_htmx():
        return Response("", 200, {"HX-Redirect": url})
    return redirect(url, 303 if request.method == "POST" else 302)


def _vary(response: Response) -> Response:
    if "Vary" in response.headers:
        response.vary.add("HX-Request")
    else:  # as `vary` would, which reads and writes the header as a set
        response.headers.add("Vary", "HX-Request")
    return response
