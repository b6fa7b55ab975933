"""Events: what happened, as a snapshot; listed for sweeps, and queued for every webhook endpoint that wants them."""

from stripe.params import EventListParams, EventRetrieveParams

from portal.sandbox.stripe.state.objects import Json, new_id
from portal.sandbox.stripe.wire import faults
from portal.sandbox.stripe.wire.endpoint import Call, Endpoint
from portal.sandbox.stripe.wire.listing import page
from portal.sandbox.stripe.wire.pipeline import API_VERSION
from portal.sandbox.stripe.wire.refusals import Refusal, no_such

UNDELIVERED = "SELECT 1 FROM delivery WHERE event_id = object.id AND delivery.state <> 'delivered'"
PENDING = "SELECT COUNT(*) AS n FROM delivery WHERE event_id = ? AND state IN ('due', 'held')"
MOST_TYPES = 20


def emit(call: Call, event_type: str, subject: Json) -> None:
    """Record that something happened to `subject`, as it is now, and queue its webhooks in the same transaction."""
    event_id = new_id("evt")
    wanting = [
        endpoint.id
        for endpoint in call.objects.every("webhook_endpoint", tail="ORDER BY seq")
        if endpoint.body["status"] == "enabled"
        and ("*" in endpoint.body["enabled_events"] or event_type in endpoint.body["enabled_events"])
    ]
    body: Json = {
        "id": event_id,
        "object": "event",
        "api_version": API_VERSION,
        "created": call.now,
        "data": {"object": subject},
        "livemode": False,
        "pending_webhooks": len(wanting),
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
        "type": event_type,
    }
    call.objects.add("event", body, {"subject": subject["id"]})
    for endpoint_id in wanting:
        queue_delivery(call, event_id, event_type, endpoint_id)


def queue_delivery(call: Call, event_id: str, event_type: str, endpoint_id: str) -> None:
    """One row to deliver (two for a duplicate, none that is ever due for a lost one), as the faults have it."""
    call.queued = True
    connection = call.objects.connection
    fault = faults.take(connection, call.account, event_type, set(faults.WEBHOOK))
    kind = fault.kind if fault else None
    state = {"webhook_lost": "lost", "webhook_reorder": "held"}.get(kind or "", "due")
    delay = fault.seconds if fault and kind in ("webhook_late", "webhook_reorder") else 0.0
    for _ in range(2 if kind == "webhook_duplicate" else 1):
        connection.execute(
            "INSERT INTO delivery (account, event_id, endpoint_id, state, due_at, fault) VALUES (?, ?, ?, ?, ?, ?)",
            (call.account, event_id, endpoint_id, state, call.now + delay, kind),
        )


def refreshed(call: Call, body: Json) -> Json:
    """The event with the number of webhooks still on their way."""
    row = call.objects.connection.execute(PENDING, (body["id"],)).fetchone()
    return {**body, "pending_webhooks": row["n"]}


def list_events(call: Call) -> Json:
    """Events, newest first; by type, time, and whether every webhook arrived."""
    where: list[str] = []
    arguments: list[str] = []
    types = call.params.get("types") or [call.params[name] for name in ("type",) if name in call.params]
    if len(types) > MOST_TYPES or ("types" in call.params and "type" in call.params):
        raise Refusal(400, "You may pass either `type` or up to 20 `types`.", param="types")
    if types:
        where.append("(" + " OR ".join(["json_extract(body, '$.type') GLOB ?"] * len(types)) + ")")
        arguments.extend(types)
    if "delivery_success" in call.params:
        where.append(f"{'NOT ' if call.params['delivery_success'] else ''}EXISTS ({UNDELIVERED})")
    listed = page(call, "event", "/v1/events", where, arguments)
    listed["data"] = [refreshed(call, body) for body in listed["data"]]
    return listed


def retrieve(call: Call) -> Json:
    """One event."""
    found = call.objects.find("event", call.path["id"])
    if found is None:
        raise no_such("event", call.path["id"], "id", 404)
    return refreshed(call, found.body)


ENDPOINTS = (
    Endpoint("events.list", "GET", "/v1/events", EventListParams, list_events),
    Endpoint("events.retrieve", "GET", "/v1/events/<id>", EventRetrieveParams, retrieve),
)
