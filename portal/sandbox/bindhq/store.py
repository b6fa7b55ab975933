"""The SQLite file behind the stand-in."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Json = dict[str, Any]
SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS record (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, updated_at TEXT NOT NULL,
  parent TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, id));
CREATE INDEX IF NOT EXISTS record_changed ON record (kind, updated_at);
CREATE INDEX IF NOT EXISTS record_parent ON record (kind, parent);
CREATE TABLE IF NOT EXISTS feed (position INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS idempotency (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, receipt TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fault (
  id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, kind TEXT NOT NULL, remaining INTEGER,
  skip INTEGER NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
  id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, state TEXT NOT NULL, due_at REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, last_status TEXT);
"""
TABLES = ("record", "feed", "idempotency", "fault", "delivery", "setting")
FIRST_ID = 10_000


def timestamp() -> str:
    """Now, as the wire writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Store:
    """One SQLite database, shared by all threads of one process, which take turns.

    Args:
        path: the file; it is made when missing.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._turn = threading.RLock()
        self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        for pragma in "journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000":
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def turn(self) -> Iterator["Records"]:
        """One unit: all of it is kept, or none."""
        with self._turn:
            self._connection.execute("BEGIN IMMEDIATE")
            end = "ROLLBACK"
            try:
                yield Records(self._connection)
                end = "COMMIT"
            finally:
                self._connection.execute(end)

    @contextmanager
    def look(self) -> Iterator["Records"]:
        """Reads alone."""
        with self._turn:
            yield Records(self._connection)

    def empty(self) -> None:
        """Forget everything, as on the first day."""
        with self.turn() as records:
            for table in TABLES:
                records.connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from above  # nosec B608

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._connection.close()


class Records:
    """Reads and writes within one unit."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def setting(self, name: str, otherwise: str = "") -> str:
        """A setting of the stand-in."""
        row = self.connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return str(row["value"]) if row else otherwise

    def set(self, name: str, value: str) -> None:
        """Keep a setting."""
        self.connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def next_id(self, kind: str) -> str:
        """A fresh number for a kind of record."""
        number = int(self.setting(f"next {kind}", str(FIRST_ID))) + 1
        self.set(f"next {kind}", str(number))
        return str(number)

    def find(self, kind: str, record_id: str) -> Json | None:
        """A record, or None."""
        row = self.connection.execute("SELECT body FROM record WHERE kind = ? AND id = ?", (kind, record_id)).fetchone()
        return json.loads(row["body"]) if row else None

    def save(self, kind: str, body: Json, parent: str = "") -> Json:
        """Keep a record, new or changed.

        Args:
            parent: what it belongs to, such as an endorsement's policy; stays once it is set.
        """
        self.connection.execute(
            "INSERT INTO record (kind, id, updated_at, parent, body) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at",
            (kind, body["id"], body.get("updated_at", ""), parent, json.dumps(body)),
        )
        return body

    def every(
        self, kind: str, where: str = "1", arguments: tuple[Any, ...] = (), tail: str = "ORDER BY seq"
    ) -> list[Json]:
        """Records of a kind. `where` and `tail` are SQL of ours, never of a caller."""
        query = f"SELECT body FROM record WHERE kind = ? AND ({where}) {tail}"  # noqa: S608  # nosec B608
        return [json.loads(row["body"]) for row in self.connection.execute(query, (kind, *arguments))]

    def count(self, kind: str, where: str = "1", arguments: tuple[Any, ...] = ()) -> int:
        """How many there are of a kind."""
        query = f"SELECT count(*) AS n FROM record WHERE kind = ? AND ({where})"  # noqa: S608  # nosec B608
        return int(self.connection.execute(query, (kind, *arguments)).fetchone()["n"])
