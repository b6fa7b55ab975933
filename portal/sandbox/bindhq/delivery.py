"""Delivers signed webhooks from one background thread, again and again until the receiver says 2xx."""

import hashlib
import hmac
import http.client
import json
import sqlite3
import threading
import time
import urllib.error
import urllib.request

from portal.sandbox.bindhq.machine import Machine

ANSWER_WITHIN_SECONDS = 5.0
AGAIN_SECONDS = (60, 300, 1800, 7200, 43_200)
LOOK_EVERY_SECONDS = 0.5
BATCH = 20


def signature(body: bytes, secret: str, at: int) -> str:
    """The header that signs a body.

    Args:
        at: seconds since 1970; receivers refuse old ones.
    """
    mark = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mark}"


def send(url: str, secret: str, body: bytes) -> str:
    """Post one webhook; the status, or what went wrong."""
    event = json.loads(body)
    request = urllib.request.Request(  # noqa: S310 - the address is set on the console of this machine
        url,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "X-BindHQ-Event-Id": event["id"],
            "X-BindHQ-Client-Code": event["client_code"],
            "X-BindHQ-Signature": signature(body, secret, int(time.time())),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN_SECONDS) as response:  # noqa: S310  # nosec B310
            return str(response.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return str(refused.code)
    except (OSError, http.client.HTTPException) as failed:
        return type(failed).__name__


class Deliverer:
    """The background thread. `start` it once per process; `stop` waits for what is being sent."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._thread = threading.Thread(target=self._run, name="bindhq-sandbox-webhooks", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for the thread after `machine.stopping` was set."""
        self._machine.news.set()
        self._thread.join(ANSWER_WITHIN_SECONDS + 5)

    def _run(self) -> None:
        while not self._machine.stopping.is_set():
            self._machine.news.wait(LOOK_EVERY_SECONDS)
            self._machine.news.clear()
            while not self._machine.stopping.is_set() and deliver_due(self._machine):
                pass


def deliver_due(machine: Machine) -> int:
    """Send what is due now; how many were tried."""
    with machine.store.look() as records:
        url, secret = records.setting("webhook_url"), records.setting("webhook_secret")
        query = "SELECT * FROM delivery WHERE state = 'due' AND due_at <= ? ORDER BY id LIMIT ?"
        rows: list[sqlite3.Row] = records.connection.execute(query, (time.time(), BATCH)).fetchall()
    for row in rows:
        status = send(url, secret, row["body"].encode()) if url else "no address"
        done = status.startswith("2")
        gone = not done and row["attempts"] >= len(AGAIN_SECONDS)
        wait = 0 if done or gone else AGAIN_SECONDS[row["attempts"]]
        state = "delivered" if done else "given up" if gone else "due"
        with machine.store.turn() as records:
            records.connection.execute(
                "UPDATE delivery SET state = ?, attempts = attempts + 1, last_status = ?, due_at = ? WHERE id = ?",
                (state, status, time.time() + wait, row["id"]),
            )
    return len(rows)
