"""What BindHQ calls coverage types, carriers, marketing companies and agencies, and what each is here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from portal.agencies.kept_lists import Entry, ListKind, find, offered
from portal.agencies.models import StaffMember
from portal.core.audit import Actor, record
from portal.core.errors import BadInput, NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.policy_system.models import PolicyConnection, PolicyMapping
from portal.policy_system.validate import Known, Mapped

MappingKind = Literal["coverage", "carrier", "marketing_company", "agency"]
KIND_WORDS: Mapping[MappingKind, Text] = {
    "coverage": text("Coverage types"),
    "carrier": text("Carriers"),
    "marketing_company": text("Marketing companies"),
    "agency": text("Agencies"),
}
LIST_OF: Mapping[MappingKind, ListKind] = {
    "coverage": "coverage",
    "carrier": "carrier",
    "marketing_company": "wholesaler",
}
"""Which of the agency's lists holds what a kind is mapped to; an agency is a partner."""


@dataclass(frozen=True, slots=True)
class TheirName:
    """One of BindHQ's, as an export or a sync names it.

    Args:
        external_id: BindHQ's id; of a coverage type its code.
        detail: address, phone and contact, as far as they are said.
    """

    external_id: str
    name: str
    code: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggested:
    """An unmapped one with what it probably is; None where nothing fits."""

    row: PolicyMapping
    entry: Entry | None


def known_of(session: Scoped) -> Known:
    """What the portal knows when it checks an import."""
    by_kind: dict[str, dict[str, Mapped]] = {"coverage": {}, "carrier": {}, "marketing_company": {}}
    rows = select(PolicyMapping.kind, PolicyMapping.external_id, PolicyMapping.our_code, PolicyMapping.our_name)
    for kind, external_id, code, name in session.execute(rows.where(PolicyMapping.our_name != "")):
        if kind in by_kind:
            by_kind[kind][external_id] = Mapped(code, name)
    archived = session.scalars(select(StaffMember.email).where(StaffMember.is_active.is_(False)))
    strict = session.scalar(select(PolicyConnection.strict_surplus_lines))
    return Known(
        by_kind["coverage"], by_kind["carrier"], by_kind["marketing_company"], frozenset(archived), bool(strict)
    )


def mappings(session: Scoped, kind: MappingKind) -> Sequence[PolicyMapping]:
    """All that were heard of, by name; those that are not mapped first."""
    query = select(PolicyMapping).where(PolicyMapping.kind == kind)
    rows = session.scalars(query.order_by(PolicyMapping.name, PolicyMapping.id)).all()
    return sorted(rows, key=lambda row: (bool(row.our_name), row.name.casefold()))


def suggestions(session: Scoped, kind: MappingKind) -> dict[int, Entry]:
    """What the unmapped ones of a kind probably are, by the mapping's id: the same code, or name, in the list."""
    if kind not in LIST_OF:
        return {}
    listed = offered(session, LIST_OF[kind])
    found: dict[int, Entry] = {}
    for row in mappings(session, kind):
        if row.our_name:
            continue
        code = row.external_id if kind == "coverage" else str(row.detail.get("code") or "")
        entry = (find(listed, code) if code else None) or find(listed, row.name)
        if entry is not None:
            found[row.id] = entry
    return found


def see(session: Scoped, kind: MappingKind, theirs: Iterable[TheirName], at: datetime) -> int:
    """Take note of what BindHQ has; what is mapped stays so. Says how many are new."""
    wanted = {one.external_id: one for one in theirs}
    query = select(PolicyMapping).where(PolicyMapping.kind == kind, PolicyMapping.external_id.in_(wanted))
    known = {row.external_id: row for row in session.scalars(query)}
    for external_id, one in wanted.items():
        detail = {**one.detail, **({"code": one.code} if one.code else {})}
        row = known.get(external_id)
        if row is None:
            row = PolicyMapping(kind=kind, external_id=external_id, name=one.name, detail=detail, seen_at=at)
            session.add(row)
        elif (row.name, row.detail) != (one.name, {**row.detail, **detail}):
            row.name, row.detail = one.name or row.name, {**row.detail, **detail}
        row.seen_at = at
    session.flush()
    return len(wanted) - len(known)


def map_to(session: Scoped, mapping_id: int, key: str, actor: Actor, at: datetime) -> PolicyMapping:
    """Say what one of theirs is here; with an empty key, that it is not mapped.

    Args:
        key: of an entry in the agency's list.

    Raises:
        NotFound: no such mapping.
        BadInput: the list has no such entry.
    """
    row = session.get(PolicyMapping, mapping_id)
    if row is None or row.kind not in LIST_OF:
        raise NotFound
    entry = None
    if key:
        kind: MappingKind = row.kind  # type: ignore[assignment]  # a constraint of the table
        entry = next((one for one in offered(session, LIST_OF[kind]) if one.key == key), None)
        if entry is None:
            raise BadInput(text("Choose one of the list."))
    row.our_code, row.our_name = (entry.code, entry.name) if entry else ("", "")
    record(
        session, actor, "policy_system.mapped", "agency", session.agency_id, at,
        kind=row.kind, theirs=row.name, ours=row.our_name,
    )  # fmt: skip
    session.flush()
    return row


def map_suggested(session: Scoped, kind: MappingKind, actor: Actor, at: datetime) -> int:
    """Map every unmapped one of a kind to what is suggested; says how many."""
    found = suggestions(session, kind)
    for mapping_id, entry in found.items():
        map_to(session, mapping_id, entry.key, actor, at)
    return len(found)
