"""Fault switches: what goes wrong, where, how often. They are kept in the store and used up in the order set."""

import sqlite3
from dataclasses import dataclass
from fnmatch import fnmatchcase

from portal.sandbox.stripe.wire.idempotency import in_use
from portal.sandbox.stripe.wire.refusals import Refusal

ACTING = {
    "error_before": "500 and nothing happened; the 500 is kept for the idempotency key and replayed",
    "error_after": "500 although it happened; the 500 is kept for the idempotency key and replayed",
}
NETWORK = {
    "latency": "answers normally, `seconds` later",
    "rate_limit": "429, nothing happened",
    "lock_timeout": "429 lock_timeout, nothing happened",
    "conflict": "409 idempotency_key_in_use, nothing happened",
    "unauthorized": "401, nothing happened",
    "forbidden": "403, nothing happened",
    "timeout_before": "no answer for `seconds`, and nothing happens",
    "timeout_after": "it happens at once, but no answer for `seconds`",
    "late": "no answer for `seconds` with the idempotency key in use, then it happens",
}
WEBHOOK = {
    "webhook_duplicate": "the event is delivered twice",
    "webhook_late": "the first delivery waits for `seconds`",
    "webhook_reorder": "delivered after the account's next event, or after `seconds`",
    "webhook_lost": "never delivered; it is only in the list of events",
}
KINDS = {**ACTING, **NETWORK, **WEBHOOK}
DEFAULT_SECONDS = {"timeout_before": 35.0, "timeout_after": 35.0, "late": 35.0, "latency": 0.4, "webhook_reorder": 5.0}
OTHER_SECONDS = 10.0


@dataclass(frozen=True)
class Fault:
    """One switched-on fault that applies to the present call."""

    id: int
    kind: str
    seconds: float


def switch_on(
    connection: sqlite3.Connection,
    endpoint: str,
    kind: str,
    *,
    account: str | None = None,
    count: int | None = 1,
    skip: int = 0,
    seconds: float | None = None,
) -> int:
    """Set a fault and return its id.

    Args:
        endpoint: a pattern over endpoint names (`payment_intents.confirm`, `payment_intents.*`), for webhook faults
            over event types (`payment_intent.succeeded`).
        kind: one of KINDS.
        account: only for this account; None for all.
        count: how often; None until it is cleared.
        skip: how many matching calls pass untouched before the first.
        seconds: how long to wait, for the kinds that wait.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; one of {', '.join(KINDS)}")
    wait = DEFAULT_SECONDS.get(kind, OTHER_SECONDS) if seconds is None else seconds
    cursor = connection.execute(
        "INSERT INTO fault (endpoint, kind, account, remaining, skip, seconds) VALUES (?, ?, ?, ?, ?, ?)",
        (endpoint, kind, account, count, skip, wait),
    )
    return int(cursor.lastrowid or 0)


def any_on(connection: sqlite3.Connection) -> bool:
    """Whether anything can go wrong at all: the usual case is no, and costs one read."""
    return connection.execute("SELECT 1 FROM fault WHERE remaining IS NULL OR remaining > 0").fetchone() is not None


def take(connection: sqlite3.Connection, account: str, endpoint: str, kinds: set[str]) -> Fault | None:
    """Use up one occurrence of the oldest fault that applies, of these kinds."""
    rows = connection.execute(
        "SELECT * FROM fault WHERE (remaining IS NULL OR remaining > 0) AND (account IS NULL OR account = ?) "
        "ORDER BY id",
        (account,),
    ).fetchall()
    for row in rows:
        if row["kind"] not in kinds or not fnmatchcase(endpoint, row["endpoint"]):
            continue
        if row["skip"] > 0:
            connection.execute("UPDATE fault SET skip = skip - 1 WHERE id = ?", (row["id"],))
            continue
        connection.execute("UPDATE fault SET remaining = remaining - 1, hits = hits + 1 WHERE id = ?", (row["id"],))
        return Fault(row["id"], row["kind"], row["seconds"])
    return None


def refusal(kind: str, key: str | None) -> Refusal | None:
    """The refusal that a fault stands for, or None for the kinds that act or wait."""
    if kind == "rate_limit":
        return rate_limited()
    if kind == "lock_timeout":
        return Refusal(
            429,
            "This object cannot be accessed right now because another API request or Stripe process is currently "
            "accessing it. If you see this error intermittently, retry the request.",
            "lock_timeout",
        )
    if kind == "conflict":
        return in_use(str(key))
    if kind == "unauthorized":
        return Refusal(401, "Expired API Key provided: sk_test_**********", "api_key_expired")
    if kind == "forbidden":
        return Refusal(403, "The provided key does not have the required permissions for this endpoint.")
    return None


def rate_limited() -> Refusal:
    """429 for an endpoint that is called too often."""
    return Refusal(
        429,
        "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.",
        "rate_limit",
        headers={"Stripe-Rate-Limited-Reason": "endpoint-rate"},
    )


def server_error() -> Refusal:
    """Stripe's 500."""
    return Refusal(
        500,
        "An unknown error occurred while processing your request. Please contact support if this persists.",
        kind="api_error",
    )
