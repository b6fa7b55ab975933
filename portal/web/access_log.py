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
        kept = g._get_current_object()
        kept.began, kept.request_id = time.perf_counter(), secrets.token_hex(8)
        clear_contextvars()
        bind_contextvars(request_id=kept.request_id)

    def end(response: Response) -> Response:
        kept, method, status = g._get_current_object(), request.method, response.status_code
        route = request.endpoint or "none"
        seconds = time.perf_counter() - kept.began
        metrics.observe(route, method, status, seconds)
        agency = kept.get("agency")
        if (route, status) not in QUIET:
            _log.info(
                "request",
                route=route,
                method=method,
                status=status,
                ms=round(seconds * 1000, 1),
                agency=agency.slug if agency else "",
            )
        response.headers[REQUEST_ID] = kept.request_id
        return response

    app.before_request(begin)
    app.after_request(end)
    app.teardown_request(lambda _error: clear_contextvars())
