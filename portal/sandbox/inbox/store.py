"""The mails received, in a SQLite file: they survive a restart."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    sender TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,
    raw BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS recipient (
    mail_id INTEGER NOT NULL REFERENCES mail (id) ON DELETE CASCADE,
    address TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS recipient_mail ON recipient (mail_id);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A mail as the list shows it."""

    id: int
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str


class MailStore:
    """Keeps mails; safe to use from several threads, each call has a connection of its own.

    Args:
        path: of the SQLite file; it and its folder are made if missing.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with self._open() as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=10)
        try:
            db.execute("PRAGMA foreign_keys=ON")
            with db:
                yield db
        finally:
            db.close()

    def add(self, *, sender: str, recipients: Sequence[str], subject: str, message_id: str, raw: bytes) -> int:
        """Keep a mail.

        Returns:
            Its number.
        """
        with self._open() as db:
            row = db.execute(
                "INSERT INTO mail (received_at, sender, subject, message_id, raw) VALUES (?, ?, ?, ?, ?) RETURNING id",
                (datetime.now(UTC).isoformat(), sender, subject, message_id, raw),
            ).fetchone()
            number = int(row[0])
            db.executemany("INSERT INTO recipient VALUES (?, ?)", [(number, address.lower()) for address in recipients])
            return number

    def entries(self, to: str = "", limit: int = 200) -> list[Entry]:
        """List mails, the newest first.

        Args:
            to: part of a recipient's address; empty lists all.
            limit: how many at the most.
        """
        with self._open() as db:
            rows = db.execute(
                """SELECT id, received_at, sender, subject, message_id,
                          (SELECT group_concat(address, ' ') FROM recipient WHERE mail_id = id)
                   FROM mail
                   WHERE EXISTS (SELECT 1 FROM recipient WHERE mail_id = id AND instr(address, ?) > 0)
                   ORDER BY id DESC LIMIT ?""",
                (to.strip().lower(), limit),
            ).fetchall()
        return [
            Entry(number, datetime.fromisoformat(at), sender, tuple(addresses.split()), subject, message_id)
            for number, at, sender, subject, message_id, addresses in rows
        ]

    def raw(self, number: int) -> bytes | None:
        """A mail as it came over the wire, None if there is none by that number."""
        with self._open() as db:
            row = db.execute("SELECT raw FROM mail WHERE id = ?", (number,)).fetchone()
        return bytes(row[0]) if row else None

    def clear(self) -> None:
        """Delete all mails."""
        with self._open() as db:
            db.execute("DELETE FROM mail")
