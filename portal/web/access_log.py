"""One line for each request, and its place in the numbers: by the route's name, since addresses hold secrets."""

import secrets
import time

import structlog
from flask import Flask, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars
from werkzeug.wrappers import Response

from portal.web.metrics import Metrics

REQUEST_ID = "X-Request-Id"
QUIET = {("deployment.healthz", 200), ("deployment.readyz", 200)}
"""Counted, but no line: a proxy asks every second, and all is well. The journal keeps so many lines and no more."""
_log = structlog.get_logger("portal.web")


def init_access_log(app: Flask, metrics: Metrics) -> None:
    """Install it; first of all hooks, so that it sees what the others answer."""

    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = secrets.token_hex(8)
        clear_contextvars()
        bind_contextvars(request_id=g.request_id)

    def end(response: Response) -> Response:
        route = request.endpoint or "none"
        seconds = time.perf_counter() - g.began
        metrics.observe(route, request.method, response.status_code, seconds)
        agency = g.get("agency")
        if (route, response.status_code) not in QUIET:
            _log.info(
                "request",
                route=route,
                method=request.method,
                status=response.status_code,
                ms=round(seconds * 1000, 1),
                agency=agency.slug if agency else "",
            )
        response.headers[REQUEST_ID] = g.request_id
        return response

    app.before_request(begin)
    app.after_request(end)
    app.teardown_request(lambda _error: clear_contextvars())
