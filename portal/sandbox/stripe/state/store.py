"""The SQLite file behind the stand-in: connections, transactions and the schema."""

import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS object (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  created INTEGER NOT NULL, body TEXT NOT NULL, private TEXT NOT NULL, UNIQUE (account, id));
CREATE INDEX IF NOT EXISTS object_in_order ON object (account, kind, seq, created);
CREATE INDEX IF NOT EXISTS object_by_id ON object (id);
CREATE INDEX IF NOT EXISTS object_by_intent ON object (account, kind, json_extract(body, '$.payment_intent'));
CREATE TABLE IF NOT EXISTS idempotency (
  account TEXT NOT NULL, key TEXT NOT NULL, path TEXT NOT NULL, fingerprint TEXT NOT NULL, created INTEGER NOT NULL,
  request_id TEXT NOT NULL, status INTEGER, body TEXT, PRIMARY KEY (account, key));
CREATE INDEX IF NOT EXISTS idempotency_by_age ON idempotency (account, created);
CREATE TABLE IF NOT EXISTS fault (
  id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, kind TEXT NOT NULL, account TEXT, remaining INTEGER,
  skip INTEGER NOT NULL, seconds REAL NOT NULL, hits INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS delivery (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, event_id TEXT NOT NULL, endpoint_id TEXT NOT NULL,
  state TEXT NOT NULL, due_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, last_status INTEGER, last_error TEXT,
  fault TEXT);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due_at);
CREATE INDEX IF NOT EXISTS delivery_event ON delivery (event_id);
CREATE TABLE IF NOT EXISTS diary (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  at INTEGER NOT NULL, UNIQUE (account, kind, subject, at));
CREATE INDEX IF NOT EXISTS diary_due ON diary (at, id);
"""
TABLES = ("object", "idempotency", "fault", "delivery", "diary", "setting")
BUSY_MS = 10_000


class Store:
    """One SQLite database in WAL mode, shared by all threads of one process.

    Args:
        path: the file; it is made when missing. Writers take turns, readers never wait.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._writer = threading.Lock()
        with self._connection() as connection:
            connection.executescript(SCHEMA)
            # A call that was cut off by the end of the process did nothing, so its key is free again.
            connection.execute("DELETE FROM idempotency WHERE status IS NULL")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        return connection

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._idle.put(connection)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._connection() as connection:
            connection.execute(begin)
            end = "ROLLBACK"
            try:
                yield connection
                end = "COMMIT"
            finally:
                connection.execute(end)

    def looking(self) -> AbstractContextManager[sqlite3.Connection]:
        """For one query alone, which needs no transaction."""
        return self._connection()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A consistent view; nothing is written."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One unit of writing: all of it is kept, or none."""
        with self._writer, self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def empty(self) -> None:
        """Forget everything, as on the first day."""
        with self.writing() as connection:
            for table in TABLES:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the constant above  # nosec B608

    def close(self) -> None:
        """Close the idle connections; call it when no thread uses the store any more."""
        while not self._idle.empty():
            self._idle.get_nowait().close()
