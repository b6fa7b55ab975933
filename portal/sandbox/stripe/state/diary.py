"""What will happen by itself when the clock gets there: a debit settles, a refund fails, a payout leaves."""

import sqlite3
from dataclasses import dataclass

NEXT = "SELECT * FROM diary WHERE at <= ? ORDER BY at, id LIMIT 1"


@dataclass(frozen=True)
class Entry:
    """One thing to do. `subject` is the id of what it is about, `at` the second it falls due."""

    account: str
    kind: str
    subject: str
    at: int


def plan(connection: sqlite3.Connection, account: str, kind: str, subject: str, at: int) -> None:
    """Note that `kind` is to happen to `subject` at that second; the same note twice is one."""
    connection.execute(
        "INSERT OR IGNORE INTO diary (account, kind, subject, at) VALUES (?, ?, ?, ?)", (account, kind, subject, at)
    )


def take(connection: sqlite3.Connection, now: int) -> Entry | None:
    """The oldest thing that is due, off the diary; None when nothing is."""
    row = connection.execute(NEXT, (now,)).fetchone()
    if row is None:
        return None
    connection.execute("DELETE FROM diary WHERE id = ?", (row["id"],))
    return Entry(row["account"], row["kind"], row["subject"], row["at"])


def any_due(connection: sqlite3.Connection, now: int) -> bool:
    """Whether there is anything to do by now."""
    return connection.execute(NEXT, (now,)).fetchone() is not None
