"""Carriers, wholesalers and coverage types that the agency works with: ours to begin with, and what it made of them.

Stored is only what differs: what was added, named otherwise, or taken off. So an agency begins with all that we
know, and what we learn later reaches it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped

from portal.core.audit import Actor, record
from portal.core.db import Base
from portal.core.errors import BadInput, NotFound
from portal.core.tenancy import Scoped, Tenant, tenant_table
from portal.core.text import Text, text
from portal.reference.carriers import carriers, name_key
from portal.reference.coverages import coverage_types

ListKind = Literal["carrier", "wholesaler", "coverage"]
LIST_WORDS: dict[ListKind, Text] = {
    "carrier": text("Carriers"),
    "wholesaler": text("Wholesalers"),
    "coverage": text("Coverage types"),
}
LONGEST_CODE, LONGEST_NAME = 20, 120


class ListEntry(Tenant, Base):
    """One that the agency added, named otherwise, or took off. `key` is the code, or without one the name made
    comparable."""

    __tablename__ = "list_entry"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "kind", "key"))

    kind: Mapped[str]
    key: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    is_offered: Mapped[bool]


@dataclass(frozen=True, slots=True)
class Entry:
    """One of a list.

    Args:
        key: what names it in its list.
        code: the NAIC code of a carrier, the code of a coverage type; perhaps empty.
        is_offered: it stands in forms; else the agency took it off.
        is_own: the agency added it, or named it.
    """

    key: str
    code: str
    name: str
    is_offered: bool = True
    is_own: bool = False


def entries(session: Scoped, kind: ListKind) -> list[Entry]:
    """All of a list by name, those taken off too."""
    found = {entry.key: entry for entry in _known(kind)}
    for row in session.scalars(select(ListEntry).where(ListEntry.kind == kind)):
        known = found.get(row.key)
        is_own = known is None or known.name != row.name
        found[row.key] = Entry(row.key, row.code, row.name, row.is_offered, is_own)
    return sorted(found.values(), key=lambda entry: entry.name.casefold())


def offered(session: Scoped, kind: ListKind) -> list[Entry]:
    """What forms offer, by name."""
    return [entry for entry in entries(session, kind) if entry.is_offered]


def find(listed: list[Entry], typed: str) -> Entry | None:
    """The one of a list that somebody means by a code or a name, written in any of the usual ways."""
    wanted, code = name_key(typed), typed.strip().casefold()
    for entry in listed:
        if code and (entry.code.casefold() == code or name_key(entry.name) == wanted):
            return entry
    return None


def put(session: Scoped, kind: ListKind, code: str, name: str, actor: Actor, at: datetime) -> None:
    """Add one, or put it back under this name.

    Args:
        session: a write unit.
        code: may be empty but for a coverage type.

    Raises:
        BadInput: no name, no code where one is needed, too long, or the name stands in the list already.
    """
    code, name = code.strip().upper(), " ".join(name.split())
    if not name:
        raise BadInput(text("Enter the name."))
    if kind == "coverage" and not code:
        raise BadInput(text("A coverage type needs a code, like CGL."))
    if len(code) > LONGEST_CODE or len(name) > LONGEST_NAME:
        raise BadInput(text("It is too long. Shorten it."))
    key = code or name_key(name)
    twin = next((entry for entry in offered(session, kind) if name_key(entry.name) == name_key(name)), None)
    if twin is not None and (twin.key != key or twin.name == name):
        raise BadInput(text("“%(name)s” stands in the list already.", name=twin.name))
    _store(session, kind, Entry(key, code, name), actor, at)


def switch(session: Scoped, kind: ListKind, key: str, *, is_offered: bool, actor: Actor, at: datetime) -> None:
    """Take one off the list, or put it back. Policies that name it stay as they are.

    Raises:
        NotFound: the list has none with this key.
    """
    known = next((entry for entry in entries(session, kind) if entry.key == key), None)
    if known is None:
        raise NotFound
    _store(session, kind, Entry(key, known.code, known.name, is_offered), actor, at)


def _known(kind: ListKind) -> list[Entry]:
    if kind == "carrier":
        return [Entry(one.naic_code, one.naic_code, one.name) for one in carriers()]
    return [Entry(one.code, one.code, one.name) for one in coverage_types()] if kind == "coverage" else []


def _store(session: Scoped, kind: ListKind, entry: Entry, actor: Actor, at: datetime) -> None:
    row = session.scalars(select(ListEntry).where(ListEntry.kind == kind, ListEntry.key == entry.key)).one_or_none()
    if row is None:
        row = ListEntry(kind=kind, key=entry.key, code=entry.code, name=entry.name, is_offered=entry.is_offered)
        session.add(row)
    row.name, row.is_offered = entry.name, entry.is_offered
    record(
        session, actor, "list.changed", "agency", session.agency_id, at,
        list=kind, code=entry.code, name=entry.name, is_offered=entry.is_offered,
    )  # fmt: skip
    session.flush()
