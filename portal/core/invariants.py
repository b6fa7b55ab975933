"""What must always hold, as queries that return no rows. Each slice owns its own; `flask verify-ledger` runs all."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from portal.core.tenancy import Scoped


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule of the books, in words, and the query for what breaks it."""

    name: str
    broken: Select[*tuple[Any, ...]]


def check(session: Scoped, invariants: list[Invariant]) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """Run invariants for the session's agency; the broken ones with up to ten offending rows."""
    found = []
    for invariant in invariants:
        rows = session.execute(invariant.broken.limit(10)).all()
        if rows:
            found.append((invariant.name, [tuple(row) for row in rows]))
    return found
