"""What must always hold, as queries that return no rows. Each slice owns its own; `flask verify-ledger` runs all."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Select

from portal.core.tenancy import Scoped

SHOWN = 10


@dataclass(frozen=True)
class Invariant:
    """A rule of the books, in words, and the query for what breaks it."""

    name: str
    broken: Select[*tuple[Any, ...]]

    @cached_property
    def first(self) -> Select[*tuple[Any, ...]]:
        """The query for the first rows that break it; kept, since SQLAlchemy analyses a kept one once."""
        return self.broken.limit(SHOWN)


def check(session: Scoped, invariants: list[Invariant]) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """Run invariants for the session's agency; the broken ones with their first offending rows."""
    found = []
    for invariant in invariants:
        rows = session.execute(invariant.first).all()
        if rows:
            found.append((invariant.name, [tuple(row) for row in rows]))
    return found
