"""The event feed: ordered, at least once; and the webhooks that announce what is new in it."""

import base64
import binascii
import json
import time
from collections.abc import Callable

from portal.sandbox.bindhq import faults
from portal.sandbox.bindhq.store import Json, Records, timestamp

KEPT_BACK = "kept back"
Publish = Callable[[Records, str, str, str], None]


def publish(records: Records, kind: str, about: str, object_id: str) -> None:
    """Tell what happened, with whatever fault is switched on for the feed."""
    event = {
        "id": f"evt_{int(records.next_id('event')):012d}",
        "type": kind,
        "occurred_at": timestamp(),
        "client_code": records.setting("client_code"),
        "object": {"type": about, "id": object_id},
    }
    fault = faults.take(records, kind, faults.FEED)
    waiting = records.setting(KEPT_BACK)
    if fault and fault.kind == "event_reordered" and not waiting:
        records.set(KEPT_BACK, json.dumps(event))
        return
    if fault and fault.kind == "event_old":
        oldest = records.connection.execute("SELECT body FROM feed ORDER BY position LIMIT 1").fetchone()
        if oldest:
            append(records, json.loads(oldest["body"]))
    append(records, event)
    if fault and fault.kind == "event_twice":
        append(records, event)
    if waiting:
        append(records, json.loads(waiting))
        records.set(KEPT_BACK, "")


def append(records: Records, event: Json) -> None:
    """Put an event at the end of the feed, and on its way as a webhook."""
    body = json.dumps(event)
    records.connection.execute("INSERT INTO feed (body) VALUES (?)", (body,))
    if records.setting("webhook_url"):
        lost = faults.take(records, event["type"], {"webhook_lost"})
        records.connection.execute(
            "INSERT INTO delivery (body, state, due_at) VALUES (?, ?, ?)",
            (body, "lost" if lost else "due", time.time()),
        )


def cursor_of(position: int) -> str:
    """The opaque cursor behind a position."""
    return base64.urlsafe_b64encode(f"{position:06d}".encode()).decode().rstrip("=")


def position_of(cursor: str) -> int | None:
    """The position that a cursor stands for; None for one that we never gave."""
    try:
        return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        return None


def stretch(records: Records, after: int, limit: int) -> tuple[list[Json], int, bool]:
    """Events behind a position, the position of the last, and whether there are more."""
    rows = records.connection.execute(
        "SELECT * FROM feed WHERE position > ? ORDER BY position LIMIT ?", (after, limit + 1)
    ).fetchall()
    shown = rows[:limit]
    return [json.loads(row["body"]) for row in shown], shown[-1]["position"] if shown else after, len(rows) > limit


def forget(records: Records) -> None:
    """Drop all of the feed, as it does after 30 days: older cursors are gone."""
    last = records.connection.execute("SELECT max(position) AS last FROM feed").fetchone()["last"] or 0
    records.connection.execute("DELETE FROM feed")
    records.set("feed_begins_after", str(last))
