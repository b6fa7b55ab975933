"""/sandbox/…: what tests and the page use to make things happen. JSON, or forms whose field names are dotted paths."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, request
from werkzeug.exceptions import BadRequest, Conflict, Forbidden
from werkzeug.wrappers import Response as AnyResponse

from portal.sandbox.bindhq import faults, feed, records, sample
from portal.sandbox.bindhq.machine import Machine, begin
from portal.sandbox.bindhq.records import Impossible
from portal.sandbox.bindhq.store import Json, Records, timestamp

pages = Blueprint("controls", __name__, url_prefix="/sandbox")
IN_BOOKS = ("policy", "endorsement", "invoice", "receipt", "agency")
IN_CENTS = ("premium", "tax", "fee")
Happening = Callable[[Records, str, Json], Json]
HAPPENINGS: dict[tuple[str, str], Happening] = {
    ("policies", "change"): records.change_policy,
    ("policies", "endorse"): records.endorse,
    ("policies", "cancel"): lambda found, one, _given: records.cancel(found, one),
    ("policies", "reinstate"): lambda found, one, _given: records.reinstate(found, one),
    ("policies", "void"): lambda found, one, given: records.void_policy(
        found, one, given.get("reason", "not taken up")
    ),
    ("endorsements", "void"): lambda found, one, _given: records.void_endorsement(found, one),
    ("agencies", "change"): records.change_agency,
}
SETTINGS = ("client_code", "api_key", "webhook_url", "webhook_secret")


def machine() -> Machine:
    """The stand-in that this app serves."""
    running: Machine = current_app.extensions["bindhq_sandbox"]
    return running


@pages.before_request
def own_pages_only() -> None:
    """A page of another site may not press our buttons."""
    if request.method != "GET" and request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise Forbidden("cross-site")


def given() -> Json:
    """What was sent: JSON as it is; of a form the fields that were filled in, dollars in cents."""
    if request.is_json:
        body = request.get_json()
        if not isinstance(body, dict):
            raise BadRequest("send an object")
        return body
    return nested({name: value for name, value in request.form.items() if value != ""})


def nested(fields: dict[str, str]) -> Json:
    """Fields of a form with dotted names, as the objects they mean.

    Raises:
        BadRequest: an amount is none.
    """
    found: Json = {}
    for name, value in fields.items():
        *path, last = name.split(".")
        inside: Json = found
        for part in path:
            inside = inside.setdefault(part, {})
        inside[last] = dollars_in_cents(value) if last in IN_CENTS else {"yes": True, "no": False}.get(value, value)
    return found


def dollars_in_cents(written: str) -> int:
    """Raises BadRequest for what is no amount."""
    try:
        return round(float(written.replace(",", "")) * 100)
    except ValueError:
        raise BadRequest(f"{written} is not an amount") from None


def done(body: Json) -> AnyResponse:
    """JSON for a program, back to the page for a person."""
    machine().news.set()
    return jsonify(body) if request.is_json else redirect(request.form.get("back", "/"), 303)


@pages.get("/health")
def health() -> Response:
    """Answers as soon as the stand-in does."""
    return jsonify(ok=True)


@pages.post("/policies")
def bind() -> AnyResponse:
    """Bind a policy, or a `count` of them; every other field changes what is bound."""
    wanted = given()
    count = int(wanted.pop("count", 1))
    with machine().store.turn() as found:
        bound = [records.bind(found, wanted) for _ in range(count)]
    return done(bound[-1] if count == 1 else {"count": count})


@pages.post("/<any(policies, endorsements, agencies):kind>/<record_id>/<what>")
def happen(kind: str, record_id: str, what: str) -> AnyResponse:
    """Something happens to a record."""
    wanted = given()
    wanted.pop("back", None)
    act = HAPPENINGS.get((kind, what))
    if act is None:
        raise BadRequest(f"nothing of {kind} is called {what}")
    try:
        with machine().store.turn() as found:
            body = act(found, record_id, wanted)
    except Impossible as wrong:
        raise Conflict(str(wrong)) from wrong
    return done(body)


@pages.post("/agencies")
def many_agencies() -> AnyResponse:
    """Make a `count` of agencies, without events: for measuring."""
    count = int(given().get("count", 1))
    with machine().store.turn() as found:
        first = found.count("agency") + 1000
        for number in range(first, first + count):
            agent = sample.person(f"a{number}", "Ann", f"Agent {number}", f"ann@agency{number}.example", "5125550111")
            where = sample.address(f"{number} Main St", "Austin", "TX", "78701")
            made = sample.agency(str(number), f"Agency {number}", "5125550199", where, agent)
            found.save("agency", {**made, "updated_at": timestamp()})
    return done({"count": count})


@pages.post("/settings")
def change_settings() -> AnyResponse:
    """Client code, API key, where webhooks go and what signs them; `latency_ms` before every answer."""
    wanted = given()
    with machine().store.turn() as found:
        for name in SETTINGS:
            if name in wanted:
                found.set(name, str(wanted[name]))
    if "latency_ms" in wanted:
        machine().latency_seconds = int(wanted["latency_ms"]) / 1000
    return done({"ok": True})


@pages.post("/faults")
def switch_on() -> AnyResponse:
    """Switch a fault on: `endpoint`, `kind`, and optionally `count` (always: until cleared), `skip`, `seconds`."""
    fault = given()
    count: Any = fault.get("count", 1)
    seconds = fault.get("seconds")
    try:
        with machine().store.turn() as found:
            faults.switch_on(
                found,
                str(fault.get("endpoint", "*")),
                str(fault["kind"]),
                count=None if count in (None, "always") else int(count),
                skip=int(fault.get("skip", 0)),
                seconds=None if seconds is None else float(seconds),
            )
    except (KeyError, ValueError, TypeError) as wrong:
        raise BadRequest(f"kind is one of {', '.join(faults.KINDS)}; count, skip and seconds are numbers") from wrong
    return done({"ok": True})


@pages.post("/faults/clear")
def clear() -> AnyResponse:
    """Switch all of them off."""
    with machine().store.turn() as found:
        found.connection.execute("DELETE FROM fault")
    return done({"ok": True})


@pages.post("/feed/forget")
def forget() -> AnyResponse:
    """Drop all of the feed: older cursors are gone."""
    with machine().store.turn() as found:
        feed.forget(found)
    return done({"ok": True})


@pages.post("/reset")
def reset() -> AnyResponse:
    """Forget everything, and begin again with the sample."""
    machine().store.empty()
    machine().latency_seconds = 0.0
    begin(machine())
    return done({"ok": True})


@pages.get("/books")
def books() -> Response:
    """Everything that the stand-in has, the feed included; oldest first."""
    with machine().store.look() as found:
        kept = {kind: found.every(kind) for kind in IN_BOOKS}
        events, _, _ = feed.stretch(found, 0, 1_000_000)
        sent = [dict(row) for row in found.connection.execute("SELECT * FROM delivery ORDER BY id")]
    return jsonify(**kept, events=events, deliveries=sent)
