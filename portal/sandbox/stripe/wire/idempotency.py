"""Idempotency keys: the first answer is kept and replayed, for 24 hours, whatever it was.

Stripe keeps an answer once an endpoint has begun to work, including a 500; a request that was refused before that
(unknown parameter, no key, rate limit) leaves the key free.
"""

import hashlib
import json
import sqlite3

from portal.sandbox.stripe.state.objects import Json
from portal.sandbox.stripe.wire.refusals import Answer, Refusal

KEPT_SECONDS = 24 * 3600
LONGEST_KEY = 255


def fingerprint(params: Json) -> str:
    """A digest that is equal for equal parameters, whatever their order."""
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


def in_use(key: str) -> Refusal:
    """The same key is being worked on right now."""
    return Refusal(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later.",
        "idempotency_key_in_use",
    )


def replay(connection: sqlite3.Connection, account: str, key: str, path: str, params: Json, now: int) -> Answer | None:
    """The kept answer for a key, or None when the key is free.

    Raises:
        Refusal: 400 idempotency_error for another path or other parameters, 409 while the first call still runs.
    """
    if len(key) > LONGEST_KEY:
        raise Refusal(400, f"Idempotency-Key is longer than {LONGEST_KEY} characters.", kind="idempotency_error")
    row = connection.execute(
        "SELECT * FROM idempotency WHERE account = ? AND key = ? AND created > ?", (account, key, now - KEPT_SECONDS)
    ).fetchone()
    if row is None:
        return None
    if row["path"] != path:
        raise Refusal(
            400,
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{row['path']}' vs '{path}'). Try using a key other than '{key}' if you meant to execute a different "
            "request.",
            kind="idempotency_error",
        )
    if row["fingerprint"] != fingerprint(params):
        raise Refusal(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
            f"using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    if row["status"] is None:
        raise in_use(key)
    headers = {"Idempotent-Replayed": "true", "Original-Request": row["request_id"]}
    return Answer(row["status"], json.loads(row["body"]), headers)


def begin(
    connection: sqlite3.Connection, account: str, key: str, path: str, params: Json, now: int, request_id: str
) -> None:
    """Take a key that `replay` found free, and prune what is older than 24 hours."""
    connection.execute("DELETE FROM idempotency WHERE account = ? AND created <= ?", (account, now - KEPT_SECONDS))
    connection.execute(
        "INSERT INTO idempotency (account, key, path, fingerprint, created, request_id) VALUES (?, ?, ?, ?, ?, ?)",
        (account, key, path, fingerprint(params), now, request_id),
    )


def finish(connection: sqlite3.Connection, account: str, key: str, answer: Answer) -> None:
    """Keep the answer, in the transaction that did the work."""
    connection.execute(
        "UPDATE idempotency SET status = ?, body = ? WHERE account = ? AND key = ?",
        (answer.status, json.dumps(answer.body), account, key),
    )


def abandon(connection: sqlite3.Connection, account: str, key: str) -> None:
    """Free a key whose call did nothing."""
    connection.execute("DELETE FROM idempotency WHERE account = ? AND key = ? AND status IS NULL", (account, key))
