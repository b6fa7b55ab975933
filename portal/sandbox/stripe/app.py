"""The stand-in as a WSGI app: the API under /v1, and with Flask the browser's part and the console."""

import json
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.wrappers import Request

from portal.sandbox.console import shared
from portal.sandbox.listening import App, Environ
from portal.sandbox.stripe.browser import challenge, deposits, elements
from portal.sandbox.stripe.console import controls, happenings, overview
from portal.sandbox.stripe.resources import ENDPOINTS
from portal.sandbox.stripe.state.clock import Clock
from portal.sandbox.stripe.state.store import Store
from portal.sandbox.stripe.wire.limits import RateLimits
from portal.sandbox.stripe.wire.pipeline import Machine, respond
from portal.sandbox.stripe.wire.refusals import Answer, Refusal
from portal.sandbox.stripe.wire.routes import routes_of

OWN_PAGES_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action *; base-uri 'none'"
)
FROM_ANY_PAGE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Version",
    "Access-Control-Expose-Headers": "Request-Id",
}
NOT_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
ROUTES = routes_of(ENDPOINTS)


def create_machine(db_path: str | Path, *, latency_ms: int = 0) -> Machine:
    """The state behind an app. `latency_ms` is waited before every API answer."""
    store = Store(db_path)
    return Machine(
        store=store,
        clock=Clock(store),
        limits=RateLimits(),
        news=threading.Event(),
        stopping=threading.Event(),
        latency_seconds=latency_ms / 1000,
    )


def create_app(machine: Machine) -> App:
    """The WSGI app for a machine. It delivers no webhooks by itself: `server.serve_in_thread` does."""
    pages = create_pages(machine)

    def app(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/v1/"):
            return sent(called(machine, Request(environ)), start_response)
        return pages(environ, start_response)

    return app


def called(machine: Machine, request: Request) -> Answer:
    """What the API answers to a call; a browser asks before its own what it may send."""
    if request.method == "OPTIONS":
        return Answer(200, {})
    found = ROUTES.find(request.method, request.path)
    if found is None:
        message = f"Unrecognized request URL ({request.method}: {request.path}). The stand-in does not have it."
        return Refusal(404, message).answer
    endpoint, arguments = found
    return respond(machine, endpoint, request, arguments)


def sent(answer: Answer, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """An answer of the API as WSGI sends it."""
    body = json.dumps(answer.body).encode()
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **answer.headers,
        **FROM_ANY_PAGE,
        **NOT_KEPT,
    }
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
    return [body]


def create_pages(machine: Machine) -> Flask:
    """What is not the API: the browser's part and the console."""
    app = Flask("portal.sandbox.stripe", static_folder=None)
    app.extensions["stripe_sandbox"] = machine
    app.register_blueprint(challenge.pages)
    app.register_blueprint(deposits.pages)
    app.register_blueprint(elements.pages)
    app.register_blueprint(controls.pages)
    app.register_blueprint(happenings.pages)
    app.register_blueprint(overview.pages)
    app.register_blueprint(shared)
    app.after_request(with_headers)
    return app


def with_headers(response: Response) -> Response:
    """CORS for the challenge and the script, a policy for our own pages."""
    if request.path.startswith("/challenge/"):
        response.headers.extend(FROM_ANY_PAGE)
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = OWN_PAGES_POLICY
    for name, value in NOT_KEPT.items():
        response.headers.setdefault(name, value)
    return response
