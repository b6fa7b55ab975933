"""The Stripe objects of one account, as stored: the body that the API shows, and what it never shows."""

import json
import secrets
import sqlite3
import string
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
ALPHABET = string.ascii_letters + string.digits
LETTER_OF_BYTE = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))


def new_id(prefix: str) -> str:
    """A fresh identifier in Stripe's shape, such as `pi_` and 24 letters and digits."""
    return f"{prefix}_{secrets.token_bytes(24).translate(LETTER_OF_BYTE).decode()}"


@dataclass
class Stored:
    """One object. `body` is what the API answers; `private` holds what only the stand-in may know."""

    kind: str
    body: Json
    private: Json = field(default_factory=dict)
    seq: int = 0

    @property
    def id(self) -> str:
        """The object's identifier."""
        return str(self.body["id"])


def from_row(row: sqlite3.Row) -> Stored:
    """A stored object from its row of the table `object`."""
    return Stored(row["kind"], json.loads(row["body"]), json.loads(row["private"]), row["seq"])


class AccountObjects:
    """Reads and writes the objects of one account inside one transaction; other accounts do not exist here."""

    def __init__(self, connection: sqlite3.Connection, account: str) -> None:
        self.connection = connection
        self.account = account

    def add(self, kind: str, body: Json, private: Json | None = None) -> Stored:
        """Keep a new object; its body needs `id` and `created`."""
        stored = Stored(kind, body, private or {})
        cursor = self.connection.execute(
            "INSERT INTO object (account, kind, id, created, body, private) VALUES (?, ?, ?, ?, ?, ?)",
            (self.account, kind, stored.id, body["created"], json.dumps(body), json.dumps(stored.private)),
        )
        stored.seq = int(cursor.lastrowid or 0)
        return stored

    def find(self, kind: str, object_id: str) -> Stored | None:
        """The object of that kind with that id, or None."""
        row = self.connection.execute(
            "SELECT * FROM object WHERE account = ? AND id = ? AND kind = ?", (self.account, object_id, kind)
        ).fetchone()
        return from_row(row) if row else None

    def any_kind(self, object_id: str) -> Stored | None:
        """The object with that id, whatever it is, or None."""
        row = self.connection.execute(
            "SELECT * FROM object WHERE account = ? AND id = ?", (self.account, object_id)
        ).fetchone()
        return from_row(row) if row else None

    def save(self, stored: Stored) -> None:
        """Write back a changed body and private part."""
        self.connection.execute(
            "UPDATE object SET body = ?, private = ? WHERE account = ? AND id = ?",
            (json.dumps(stored.body), json.dumps(stored.private), self.account, stored.id),
        )

    def remove(self, stored: Stored) -> None:
        """Forget an object."""
        self.connection.execute("DELETE FROM object WHERE account = ? AND id = ?", (self.account, stored.id))

    def every(self, kind: str, where: str = "1", arguments: tuple[Any, ...] = (), tail: str = "") -> list[Stored]:
        """Objects of a kind, newest first unless `tail` orders otherwise.

        Args:
            where: a condition in SQL over the columns of `object`, written by us, never by a caller of the API.
            arguments: its values.
            tail: ORDER BY and LIMIT.
        """
        rows = self.connection.execute(
            f"SELECT * FROM object WHERE account = ? AND kind = ? AND ({where}) {tail or 'ORDER BY seq DESC'}",  # noqa: S608  # nosec B608
            (self.account, kind, *arguments),
        )
        return [from_row(row) for row in rows]


def account_of(connection: sqlite3.Connection, object_id: str) -> str | None:
    """The account that owns an object: for calls from a browser, which carry a client secret and no key."""
    row = connection.execute("SELECT account FROM object WHERE id = ?", (object_id,)).fetchone()
    return str(row["account"]) if row else None
