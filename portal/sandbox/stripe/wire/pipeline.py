"""How one API call is answered: key, parameters, faults, idempotency, the work itself, the kept answer."""

import sqlite3
import threading
from dataclasses import dataclass

from stripe._api_version import _ApiVersion
from werkzeug.wrappers import Request

from portal.sandbox.stripe.state.clock import Clock
from portal.sandbox.stripe.state.objects import AccountObjects, Json, new_id
from portal.sandbox.stripe.state.store import Store
from portal.sandbox.stripe.wire import faults, form, idempotency, keys, parameters
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.expansion import expand
from portal.sandbox.stripe.wire.limits import RateLimits
from portal.sandbox.stripe.wire.refusals import Answer, Refusal

API_VERSION = _ApiVersion.CURRENT


@dataclass
class Machine:
    """What one running stand-in is made of. `news` is set when webhooks may be due, `stopping` when it ends."""

    store: Store
    clock: Clock
    limits: RateLimits
    news: threading.Event
    stopping: threading.Event
    latency_seconds: float = 0.0


@dataclass
class Incoming:
    """One request that has shown a key."""

    endpoint: Endpoint
    account: str
    secret: bool
    path: str
    arguments: dict[str, str]
    raw: Json
    origin: str
    request_id: str
    idempotency_key: str | None


def respond(machine: Machine, endpoint: Endpoint, request: Request, arguments: dict[str, str]) -> Answer:
    """The answer to one request for one endpoint, with its `Request-Id`."""
    request_id = new_id("req")
    try:
        answer = run(machine, receive(endpoint, request, arguments, request_id))
    except Refusal as refused:
        answer = refused.answer
    answer.headers.setdefault("Request-Id", request_id)
    answer.headers.setdefault("Stripe-Version", API_VERSION)
    return answer


def receive(endpoint: Endpoint, request: Request, arguments: dict[str, str], request_id: str) -> Incoming:
    """Read a request. Raises Refusal for its key, version or encoding."""
    key = keys.authenticate(request.headers)
    if not endpoint.publishable:
        keys.require_secret(key)
    version = request.headers.get("Stripe-Version", API_VERSION)
    if version != API_VERSION:
        raise Refusal(400, f"Invalid Stripe API version: {version}. The stand-in speaks {API_VERSION} only.")
    encoded = request.get_data(as_text=True) if request.method == "POST" else request.query_string.decode()
    idempotency_key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    return Incoming(
        endpoint=endpoint,
        account=key.account,
        secret=key.secret,
        path=request.path,
        arguments=arguments,
        raw=form.decode(encoded),
        origin=f"{request.scheme}://{request.host}",
        request_id=request_id,
        idempotency_key=idempotency_key or None,
    )


def run(machine: Machine, incoming: Incoming) -> Answer:
    """Answer a readable request, with whatever fault is switched on for it."""
    machine.stopping.wait(machine.latency_seconds)
    fault = next_fault(machine, incoming)
    kind = fault.kind if fault else ""
    seconds = fault.seconds if fault else 0.0
    refused = faults.refusal(kind, incoming.idempotency_key)
    if refused:
        raise refused
    if not machine.limits.allows(incoming.account, incoming.endpoint.name):
        raise faults.rate_limited()
    if kind == "timeout_before":
        machine.stopping.wait(seconds)
        return Answer(504, {"error": {"type": "api_error", "message": "The stand-in was told not to answer."}})
    if kind == "latency":
        machine.stopping.wait(seconds)
    answer = work(machine, incoming, kind, seconds)
    if kind == "timeout_after":
        machine.stopping.wait(seconds)
    return answer


def next_fault(machine: Machine, incoming: Incoming) -> faults.Fault | None:
    """The fault for this call. A replay does not act, so it leaves faults about acting for the next call."""
    with machine.store.looking() as connection:
        if not faults.any_on(connection):
            return None
    with machine.store.writing() as connection:
        acts = replay(machine, connection, incoming) is None
        kinds = {*faults.NETWORK, *(faults.ACTING if acts else {})}
        return faults.take(connection, incoming.account, incoming.endpoint.name, kinds)


def replay(machine: Machine, connection: sqlite3.Connection, incoming: Incoming) -> Answer | None:
    """The answer kept for this request's idempotency key, if there is one."""
    key = incoming.idempotency_key
    if key is None:
        return None
    return idempotency.replay(connection, incoming.account, key, incoming.path, incoming.raw, machine.clock.now())


def work(machine: Machine, incoming: Incoming, kind: str, seconds: float) -> Answer:
    """Do what the endpoint does, once, and keep the answer under the idempotency key in the same transaction.

    A `late` call has its key taken while it waits for `seconds`, as a slow one at Stripe has.
    """
    key = incoming.idempotency_key
    if key is None:
        params = parameters.check(incoming.raw, incoming.endpoint.params)
    else:
        with machine.store.writing() as connection:
            kept = replay(machine, connection, incoming)
            if kept:
                return kept
            params = parameters.check(incoming.raw, incoming.endpoint.params)
            now = machine.clock.now()
            idempotency.begin(connection, incoming.account, key, incoming.path, incoming.raw, now, incoming.request_id)
    answer = None
    try:
        if kind == "late":
            machine.stopping.wait(seconds)
        answer = act(machine, incoming, params, kind)
        return answer
    finally:
        if answer is None and key is not None:
            with machine.store.writing() as connection:
                idempotency.abandon(connection, incoming.account, key)


def act(machine: Machine, incoming: Incoming, params: Json, kind: str) -> Answer:
    """Run the handler in one transaction; a Refusal takes back what it wrote, a declined card's answer does not."""
    reads = incoming.endpoint.method == "GET"
    with machine.store.reading() if reads else machine.store.writing() as connection:
        call = Call(
            account=incoming.account,
            secret=incoming.secret,
            objects=AccountObjects(connection, incoming.account),
            now=machine.clock.now(),
            origin=incoming.origin,
            request_id=incoming.request_id,
            params=params,
            path=incoming.arguments,
            idempotency_key=incoming.idempotency_key,
        )
        connection.execute("SAVEPOINT acting")
        try:
            if kind == "error_before":
                raise faults.server_error()
            outcome = incoming.endpoint.handler(call)
            answer = outcome if isinstance(outcome, Answer) else Answer(200, outcome)
            if answer.status == 200:
                expand(call.objects, answer.body, params.get("expand", []))
        except Refusal as refused:
            connection.execute("ROLLBACK TO acting")
            answer = refused.answer
        if kind == "error_after":
            answer = faults.server_error().answer
        if incoming.idempotency_key is not None:
            idempotency.finish(connection, incoming.account, incoming.idempotency_key, answer)
    if call.queued:
        machine.news.set()
    return answer
