"""Fault switches: what goes wrong, where, how often. They are kept in the store and used up in the order set."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from portal.sandbox.bindhq.store import Records

CALL = {
    "rate_limit": "429 with a Retry-After of so many seconds; nothing happens",
    "error_before": "500, and nothing happens",
    "error_after": "500, although it happened",
    "timeout_before": "no answer for so many seconds, and nothing happens",
    "timeout_after": "it happens, but no answer for so many seconds",
    "unauthorized": "401; nothing happens",
    "redirect": "302 to another host",
    "changed_schema": "the answer is of another shape",
    "half_filled": "the record's optional fields are empty",
}
FEED = {
    "event_twice": "the event stands in the feed twice",
    "event_old": "the oldest event comes again before it",
    "event_reordered": "the event comes after the next one",
}
WEBHOOK = {"webhook_lost": "no webhook announces the event"}
KINDS = {**CALL, **FEED, **WEBHOOK}
DEFAULT_SECONDS = {"rate_limit": 1.0, "timeout_before": 20.0, "timeout_after": 20.0}


@dataclass(frozen=True)
class Fault:
    """One fault that applies now."""

    kind: str
    seconds: float


def switch_on(
    records: Records, endpoint: str, kind: str, count: int | None = 1, skip: int = 0, seconds: float | None = None
) -> None:
    """Set a fault.

    Args:
        endpoint: a pattern over the names of endpoints (policies.get, receipts.create, *), for the feed over kinds of
            events (policy.bound).
        kind: one of KINDS.
        count: how often; None until it is cleared.
        skip: how many that match pass untouched before.
        seconds: for those that wait.

    Raises:
        ValueError: there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    wait = DEFAULT_SECONDS.get(kind, 0.0) if seconds is None else seconds
    records.connection.execute(
        "INSERT INTO fault (endpoint, kind, remaining, skip, seconds) VALUES (?, ?, ?, ?, ?)",
        (endpoint, kind, count, skip, wait),
    )


def any_on(records: Records) -> bool:
    """Whether anything can go wrong at all."""
    found = records.connection.execute("SELECT 1 FROM fault WHERE remaining IS NULL OR remaining > 0 LIMIT 1")
    return found.fetchone() is not None


def take(records: Records, endpoint: str, kinds: set[str] | dict[str, str]) -> Fault | None:
    """Use up one occurrence of the oldest fault that applies, of these kinds."""
    query = "SELECT * FROM fault WHERE remaining IS NULL OR remaining > 0 ORDER BY id"
    for row in records.connection.execute(query).fetchall():
        if row["kind"] not in kinds or not fnmatchcase(endpoint, row["endpoint"]):
            continue
        if row["skip"] > 0:
            records.connection.execute("UPDATE fault SET skip = skip - 1 WHERE id = ?", (row["id"],))
            continue
        records.connection.execute("UPDATE fault SET remaining = remaining - 1 WHERE id = ?", (row["id"],))
        return Fault(row["kind"], row["seconds"])
    return None
