"""The stand-in as a WSGI app: the API under /api/v2, and with Flask the console."""

import json
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from flask import Flask, Response
from werkzeug.wrappers import Request

from portal.sandbox.bindhq import api, faults
from portal.sandbox.bindhq.console import controls, overview
from portal.sandbox.bindhq.machine import Machine
from portal.sandbox.bindhq.refusals import Refusal
from portal.sandbox.bindhq.store import Json
from portal.sandbox.console import shared
from portal.sandbox.listening import App, Environ

PREFIX = "/api/v2"
OWN_PAGES_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'"
)
EMPTIED = {"policies.get": ("policy_number", "agency", "agent"), "endorsements.get": ("description",)}
EMPTIED_INSIDE = {"insured": ("email", "phone", "accounting_address"), "quote": ("minimum_earned_premium_percentage",)}


def create_app(machine: Machine) -> App:
    """The WSGI app for a machine."""
    pages = Flask("portal.sandbox.bindhq", static_folder=None)
    pages.extensions["bindhq_sandbox"] = machine
    pages.register_blueprint(controls.pages)
    pages.register_blueprint(overview.pages)
    pages.register_blueprint(shared)
    pages.after_request(with_headers)

    def app(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(f"{PREFIX}/"):
            status, headers, body = answered(machine, Request(environ))
            said = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
            start_response(f"{status} {HTTPStatus(status).phrase}", list(said.items()))
            return [body]
        return pages(environ, start_response)

    return app


def with_headers(response: Response) -> Response:
    """A policy for our own pages."""
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = OWN_PAGES_POLICY
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response


def answered(machine: Machine, request: Request) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to one call, with whatever fault is switched on for it."""
    machine.stopping.wait(machine.latency_seconds)
    headers = {"X-Request-Id": f"req_{threading.get_ident():x}"}
    try:
        name, given, endpoint = api.route(request.method, request.path.removeprefix(PREFIX))
        body = api.body_of(request.get_data())
        asked = api.Asked(given, dict(request.args), body, request.headers.get("Idempotency-Key", ""))
        fault = authorized(machine, request, name)
        status, answer = acted(machine, name, endpoint, asked, fault)
        if fault:
            headers["X-Sandbox-Fault"] = fault.kind
        if fault and fault.kind == "redirect":
            headers["Location"] = "https://elsewhere.example/"
    except Refusal as refused:
        if refused.retry_after is not None:
            headers["Retry-After"] = str(round(refused.retry_after))
        status, answer = refused.status, {"errors": [refused.error], "request_id": headers["X-Request-Id"]}
    return status, headers, json.dumps(answer).encode()


def authorized(machine: Machine, request: Request, name: str) -> faults.Fault | None:
    """The fault for a call that shows the key. Raises Refusal for one that does not."""
    with machine.store.look() as records:
        shown = request.headers.get("X-Api-Key") or request.headers.get("Authorization", "").removeprefix("Bearer ")
        if shown != records.setting("api_key"):
            raise Refusal(401, "unauthenticated", "the API key is not known")
        if not faults.any_on(records):
            return None
    with machine.store.turn() as records:
        return faults.take(records, name, faults.CALL)


def acted(
    machine: Machine, name: str, endpoint: api.Endpoint, asked: api.Asked, fault: faults.Fault | None
) -> tuple[int, Any]:
    """Do it, or let it go wrong. Raises Refusal."""
    kind, seconds = (fault.kind, fault.seconds) if fault else ("", 0.0)
    if kind == "rate_limit":
        raise Refusal(429, "rate_limited", "too many calls", retry_after=seconds)
    if kind == "unauthorized":
        raise Refusal(401, "unauthenticated", "the API key was taken back")
    if kind == "redirect":
        return 302, {}
    if kind == "error_before":
        raise Refusal(500, "server_error", "it did not work")
    if kind == "timeout_before":
        machine.stopping.wait(seconds)
        raise Refusal(500, "server_error", "too late")
    reads = asked.body == {} and not asked.key
    with machine.store.look() if reads else machine.store.turn() as records:
        status, answer = endpoint(records, asked)
    if kind == "error_after":
        raise Refusal(500, "server_error", "it worked, but nobody knows")
    if kind == "timeout_after":
        machine.stopping.wait(seconds)
    if kind == "changed_schema":
        answer = {"result": [answer]}
    if kind == "half_filled":
        half_filled(name, answer)
    return status, answer


def half_filled(name: str, answer: Json) -> None:
    """Empty the fields of a record that may be empty."""
    for field in EMPTIED.get(name, ()):
        answer[field] = None
    for part, fields in EMPTIED_INSIDE.items():
        for field in fields if part in answer else ():
            answer[part][field] = {} if field == "accounting_address" else None
