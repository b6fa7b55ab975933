"""The stand-in as a Flask app: the API under /v1, the browser's part, and the console."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, request

from portal.sandbox.stripe.browser import challenge, deposits, elements
from portal.sandbox.stripe.console import controls, happenings, overview
from portal.sandbox.stripe.resources import ENDPOINTS
from portal.sandbox.stripe.state.clock import Clock
from portal.sandbox.stripe.state.store import Store
from portal.sandbox.stripe.wire.endpoint import Endpoint
from portal.sandbox.stripe.wire.faults import server_error
from portal.sandbox.stripe.wire.limits import RateLimits
from portal.sandbox.stripe.wire.pipeline import Machine, respond
from portal.sandbox.stripe.wire.refusals import Answer, Refusal

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


def create_app(machine: Machine) -> Flask:
    """The WSGI app for a machine. It delivers no webhooks by itself: `server.serve_in_thread` does."""
    app = Flask("portal.sandbox.stripe", static_folder=None)
    app.extensions["stripe_sandbox"] = machine
    for endpoint in ENDPOINTS:
        app.add_url_rule(endpoint.rule, endpoint.name, view_of(machine, endpoint), methods=[endpoint.method])
    app.add_url_rule("/v1/<path:rest>", "unknown", unknown, methods=["GET", "POST", "DELETE"])
    app.register_blueprint(challenge.pages)
    app.register_blueprint(deposits.pages)
    app.register_blueprint(elements.pages)
    app.register_blueprint(controls.pages)
    app.register_blueprint(happenings.pages)
    app.register_blueprint(overview.pages)
    app.register_error_handler(500, broken)
    app.after_request(with_headers)
    return app


def view_of(machine: Machine, endpoint: Endpoint) -> Callable[..., Response]:
    """The Flask view of one endpoint."""

    def view(**arguments: str) -> Response:
        return sent(respond(machine, endpoint, request, arguments))

    return view


def sent(answer: Answer) -> Response:
    """An answer as Flask sends it."""
    body = json.dumps(answer.body)
    return Response(body, answer.status, answer.headers, content_type="application/json")


def unknown(rest: str) -> Response:
    """An address that the stand-in does not know."""
    message = f"Unrecognized request URL ({request.method}: /v1/{rest}). The stand-in does not have it."
    return sent(Refusal(404, message).answer)


def broken(_error: Exception) -> Response:
    """A mistake of the stand-in's own, in the envelope that clients expect."""
    return sent(server_error().answer)


def with_headers(response: Response) -> Response:
    """CORS for the API and the script, a policy for our own pages."""
    if request.path.startswith(("/v1/", "/challenge/")):
        response.headers.extend(FROM_ANY_PAGE)
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = OWN_PAGES_POLICY
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
