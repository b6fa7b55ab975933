"""What BindHQ's names are mapped to, as staff see it: each with what it is here, or what it probably is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal.agencies.kept_lists import offered
from portal.core.tenancy import Scoped
from portal.insureds.alike import name_key
from portal.partners.models import Partner
from portal.policy_system.mappings import LIST_OF, MappingKind, mappings, suggestions
from portal.policy_system.models import PolicyMapping
from portal.policy_system.retailers import partners_of

MOST = 500


@dataclass(frozen=True, slots=True)
class ShownMapping:
    """One of theirs.

    Args:
        note: what their export says of it.
        ours: what it is here; empty while it is not mapped.
        suggestion: what it probably is.
    """

    id: int
    external_id: str
    name: str
    note: str
    ours: str
    suggestion: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class MappingPage:
    """All of one kind, those that are not mapped first; at most 500.

    Args:
        names: what can be chosen here.
    """

    rows: tuple[ShownMapping, ...]
    unmapped: int
    names: Sequence[str]


def mapping_page(session: Scoped, kind: MappingKind) -> MappingPage:
    """The page of a kind."""
    rows = mappings(session, kind)
    if kind == "agency":
        partners = _partners(session)
        linked = partners_of(session, [row.external_id for row in rows])
        by_name = {name_key(name): name for name in partners.values()}
        ours = {row.id: partners.get(linked.get(row.external_id, 0), "") for row in rows}
        likely = {row.id: by_name.get(name_key(row.name), "") for row in rows if not ours[row.id]}
        names: Sequence[str] = sorted(partners.values())
    else:
        ours = {row.id: row.our_name for row in rows}
        likely = {mapping_id: entry.name for mapping_id, entry in suggestions(session, kind).items()}
        if kind == "marketing_company":
            likely = {row.id: row.name for row in rows if not row.our_name} | likely
        names = [entry.name for entry in offered(session, LIST_OF[kind])]
    shown = [_shown(row, ours[row.id], likely.get(row.id, "")) for row in rows]
    shown.sort(key=lambda one: (bool(one.ours), one.name.casefold()))
    return MappingPage(tuple(shown[:MOST]), sum(not one.ours for one in shown), names)


def unmapped_counts(session: Scoped) -> Mapping[str, tuple[int, int]]:
    """Of each kind how many are not mapped, and how many there are."""
    counts: dict[str, tuple[int, int]] = {}
    rows = session.execute(select(PolicyMapping.kind, PolicyMapping.external_id, PolicyMapping.our_name)).all()
    linked = partners_of(session, [row.external_id for row in rows if row.kind == "agency"])
    for row in rows:
        is_mapped = row.external_id in linked if row.kind == "agency" else bool(row.our_name)
        without, every = counts.get(row.kind, (0, 0))
        counts[row.kind] = (without + (not is_mapped), every + 1)
    return counts


def _partners(session: Scoped) -> dict[int, str]:
    query = select(Partner.id, Partner.name).where(Partner.archived_at.is_(None), Partner.merged_into_id.is_(None))
    return dict(session.execute(query).all())


def _shown(row: PolicyMapping, ours: str, suggestion: str) -> ShownMapping:
    names = "code", "address", "phone", "contact", "email"
    note = " · ".join(str(row.detail[name]) for name in names if row.detail.get(name))
    return ShownMapping(row.id, row.external_id, row.name, note, ours, suggestion, row.is_active)
