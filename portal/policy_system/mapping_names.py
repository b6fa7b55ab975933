"""Names that staff type beside BindHQ's: what fits is mapped, and imports that waited for it are tried again."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from portal.agencies.kept_lists import find, offered, put
from portal.core.audit import Actor, record
from portal.core.tenancy import Scoped
from portal.insureds.alike import name_key
from portal.partners.models import Partner, PartnerReference
from portal.policy_system.announcing import failed_for, re_sync
from portal.policy_system.mappings import LIST_OF, MappingKind, map_to, mappings
from portal.policy_system.models import PolicyMapping
from portal.policy_system.retailers import SYSTEM_NAME, partners_of

UNMAPPED = {
    "coverage": "BHQ_COVERAGE_TYPE_UNMAPPED",
    "carrier": "BHQ_CARRIER_UNMAPPED",
    "marketing_company": "BHQ_MARKETING_COMPANY_UNMAPPED",
}
"""What stands against an import while one of a kind is not mapped."""


def map_names(
    session: Scoped, kind: MappingKind, typed: Mapping[int, str], actor: Actor, at: datetime
) -> tuple[int, dict[int, str]]:
    """Map what was typed; says how many have changed, and which names are nobody's, by the mapping's id.

    Args:
        session: a write unit.
        typed: names of ours by the mappings' ids; an empty one ends a mapping. A wholesaler that is not in the
            agency's list, which begins empty, is added to it.
    """
    rows = {row.id: row for row in mappings(session, kind) if row.id in typed}
    if kind == "agency":
        return _partners(session, rows, typed, actor, at)
    listed = offered(session, LIST_OF[kind])
    changed: list[PolicyMapping] = []
    unknown: dict[int, str] = {}
    for mapping_id, row in rows.items():
        name = typed[mapping_id].strip()
        entry = find(listed, name) if name else None
        if name and entry is None and kind == "marketing_company":
            put(session, "wholesaler", "", name, actor, at)
            listed = offered(session, "wholesaler")
            entry = find(listed, name)
        if name and entry is None:
            unknown[mapping_id] = name
        elif row.our_name != (entry.name if entry else ""):
            changed.append(map_to(session, mapping_id, entry.key if entry else "", actor, at))
    again: list[int] = []
    for row in changed:
        again += failed_for(session, UNMAPPED[kind], row.external_id if kind == "coverage" else row.name)
    if again:
        re_sync(session, again, actor, at)
    return len(changed), unknown


def _partners(
    session: Scoped, rows: Mapping[int, PolicyMapping], typed: Mapping[int, str], actor: Actor, at: datetime
) -> tuple[int, dict[int, str]]:
    """An agency is a partner: it is linked to the one that was typed. A link is not taken back, only moved."""
    found = session.scalars(select(Partner).where(Partner.archived_at.is_(None), Partner.merged_into_id.is_(None)))
    by_name = {name_key(partner.name): partner for partner in found}
    linked = partners_of(session, [row.external_id for row in rows.values()])
    changed, unknown = 0, dict[int, str]()
    for mapping_id, row in rows.items():
        name = typed[mapping_id].strip()
        partner = by_name.get(name_key(name)) if name else None
        if name and partner is None:
            unknown[mapping_id] = name
        elif partner is not None and linked.get(row.external_id) != partner.id:
            changed += 1
            query = select(PartnerReference).where(
                PartnerReference.system == SYSTEM_NAME, PartnerReference.external_id == row.external_id
            )
            reference = session.scalars(query).one_or_none()
            if reference is None:
                reference = PartnerReference(system=SYSTEM_NAME, external_id=row.external_id)
                session.add(reference)
            reference.partner_id = partner.id
            record(
                session, actor, "policy_system.mapped", "agency", session.agency_id, at,
                kind="agency", theirs=row.name, ours=partner.name,
            )  # fmt: skip
    session.flush()
    return changed, unknown
