"""Delivers signed webhooks from one background thread, again and again until the receiver says 2xx.

A receiver that is down costs nobody but itself: each address has its own place in the pool.
"""

import hashlib
import hmac
import http.client
import json
import logging
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from portal.sandbox.stripe.agenda import catch_up
from portal.sandbox.stripe.wire.pipeline import Machine

log = logging.getLogger(__name__)

ANSWER_WITHIN_SECONDS = 10.0
BACK_OFF_SECONDS = (1, 2, 5, 15, 60, 300, 1800, 3600)
GIVE_UP_AFTER_ATTEMPTS = 30
POOL = 4
BATCH = 50
LOOK_EVERY_SECONDS = 0.5
DUE = """
SELECT delivery.*, object.body AS event, receiver.body AS receiver, receiver.private AS keys
FROM delivery JOIN object ON object.id = delivery.event_id AND object.account = delivery.account
JOIN object AS receiver ON receiver.id = delivery.endpoint_id AND receiver.account = delivery.account
WHERE delivery.state IN ('due', 'held') AND delivery.due_at <= ? ORDER BY delivery.due_at, delivery.id LIMIT ?
"""


@dataclass(frozen=True)
class Due:
    """One webhook to send now."""

    id: int
    endpoint_id: str
    event_id: str
    attempts: int
    url: str
    secret: str
    payload: bytes


def signature(payload: bytes, secret: str, at: int) -> str:
    """The Stripe-Signature header: HMAC-SHA256 over time and body.

    Args:
        payload: the raw body.
        secret: the endpoint's `whsec_…`.
        at: real seconds since 1970; receivers refuse old ones by their own clock.
    """
    mac = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def due_from(row: sqlite3.Row) -> Due:
    """A delivery from its row joined with event and receiver."""
    event = json.loads(row["event"])
    event["pending_webhooks"] = 1
    return Due(
        id=row["id"],
        endpoint_id=row["endpoint_id"],
        event_id=row["event_id"],
        attempts=row["attempts"],
        url=json.loads(row["receiver"])["url"],
        secret=json.loads(row["keys"])["secret"],
        payload=json.dumps(event).encode(),
    )


def send(due: Due) -> tuple[int | None, str | None]:
    """Post one webhook; the status, and what went wrong when there is none."""
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked when the endpoint was registered
        due.url,
        data=due.payload,
        method="POST",
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(due.payload, due.secret, int(time.time())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN_SECONDS) as response:  # noqa: S310  # nosec B310
            return int(response.status), None
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, f"HTTP {refused.code}"
    except urllib.error.URLError as failed:
        return None, str(failed.reason)[:200]
    except (OSError, http.client.HTTPException) as failed:
        return None, str(failed)[:200]


class Deliverer:
    """The background thread. `start` it once per process; `stop` waits for what is being sent."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._thread = threading.Thread(target=self._run, name="stripe-sandbox-webhooks", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for the thread after `machine.stopping` was set."""
        self._machine.news.set()
        self._thread.join(ANSWER_WITHIN_SECONDS + 5)

    def _run(self) -> None:
        with ThreadPoolExecutor(POOL, thread_name_prefix="stripe-sandbox-send") as pool:
            while not self._machine.stopping.is_set():
                self._machine.news.wait(LOOK_EVERY_SECONDS)
                self._machine.news.clear()
                try:
                    catch_up(self._machine)
                    while self._deliver_due(pool) and not self._machine.stopping.is_set():
                        pass
                except sqlite3.OperationalError:
                    log.exception("webhooks and what is due wait: the database was not available")

    def _deliver_due(self, pool: ThreadPoolExecutor) -> int:
        """Send what is due now, in order for each address; how many were tried."""
        with self._machine.store.reading() as connection:
            rows = connection.execute(DUE, (self._machine.clock.exact(), BATCH)).fetchall()
        by_address: defaultdict[str, list[Due]] = defaultdict(list)
        for row in rows:
            due = due_from(row)
            by_address[due.endpoint_id].append(due)
        for _ in pool.map(self._deliver_in_order, by_address.values()):
            pass
        return len(rows)

    def _deliver_in_order(self, batch: list[Due]) -> None:
        """Send to one address; when it does not answer at all, the rest of the batch waits for the next look."""
        for due in batch:
            if self._machine.stopping.is_set():
                return
            status, error = send(due)
            self._record(due, status, error)
            if status is None:
                return

    def _record(self, due: Due, status: int | None, error: str | None) -> None:
        """Note the outcome: delivered, to be tried again later, or given up."""
        attempts = due.attempts + 1
        delivered = status is not None and 200 <= status < 300
        wait = BACK_OFF_SECONDS[min(attempts, len(BACK_OFF_SECONDS)) - 1]
        state = "delivered" if delivered else "failed" if attempts >= GIVE_UP_AFTER_ATTEMPTS else "due"
        with self._machine.store.writing() as connection:
            connection.execute(
                "UPDATE delivery SET state = ?, attempts = ?, last_status = ?, last_error = ?, due_at = ? "
                "WHERE id = ? AND state IN ('due', 'held')",
                (state, attempts, status, error, self._machine.clock.exact() + wait, due.id),
            )
            if delivered:
                # A reordered event waited for this one.
                connection.execute(
                    "UPDATE delivery SET due_at = 0 WHERE state = 'held' AND endpoint_id = ? AND id < ?",
                    (due.endpoint_id, due.id),
                )


def deliveries_of(connection: sqlite3.Connection, event_ids: list[str]) -> dict[str, list[sqlite3.Row]]:
    """The deliveries of some events, for people to look at."""
    found: defaultdict[str, list[sqlite3.Row]] = defaultdict(list)
    marks = ",".join("?" * len(event_ids))
    query = f"SELECT * FROM delivery WHERE event_id IN ({marks}) ORDER BY id"  # noqa: S608 - question marks only  # nosec B608
    for row in connection.execute(query, event_ids):
        found[row["event_id"]].append(row)
    return found
