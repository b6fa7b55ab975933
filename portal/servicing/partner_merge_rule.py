"""Merge by themselves what the rule says is one partner, inside an agency; agencies never share a partner."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select

from portal.core.audit import SYSTEM
from portal.core.tenancy import Scoped
from portal.partners.merging import Known, same_by_rule
from portal.partners.models import Partner, PartnerMerge, PartnerUser
from portal.partners.public_mail import domain_of
from portal.servicing.partner_merge import merge


def merge_by_rule(session: Scoped, at: datetime, near: int | None = None) -> int:
    """Merge all partners that are the same; says how many went.

    Args:
        session: a write unit.
        near: look only at those that can be the same as this one; None for all.
    """
    postal_code = ""
    if near is not None:
        partner = session.get(Partner, near)
        if partner is None or len(partner.postal_code.strip()) < 5:
            return 0
        postal_code = partner.postal_code.strip()[:5]
    pairs = same_by_rule(known_partners(session, postal_code), taken_apart(session))
    for pair in pairs:
        merge(session, pair.kept_id, pair.gone_id, SYSTEM, at)
    return len(pairs)


def known_partners(session: Scoped, postal_code: str = "") -> list[Known]:
    """The partners that are in use.

    Args:
        postal_code: the first digits of those wanted.
    """
    in_use = (
        Partner.archived_at.is_(None),
        Partner.merged_into_id.is_(None),
        Partner.postal_code.startswith(postal_code),
    )
    domains: dict[int, set[str]] = defaultdict(set)
    users = select(PartnerUser.partner_id, PartnerUser.email).join(Partner, Partner.id == PartnerUser.partner_id)
    for partner_id, email in session.execute(users.where(PartnerUser.state != "removed", *in_use)):
        domains[partner_id].add(domain_of(email))
    rows = session.execute(
        select(
            Partner.id,
            Partner.name,
            Partner.address_line1,
            Partner.city,
            Partner.state,
            Partner.postal_code,
            Partner.created_at,
        ).where(*in_use)
    )
    return [Known(*row, domains=frozenset(domains[row.id])) for row in rows]


def taken_apart(session: Scoped) -> set[frozenset[int]]:
    """Pairs whose merge staff have undone, each by who they are now: the rule leaves them as they are."""
    merged = select(Partner.id, Partner.merged_into_id).where(Partner.merged_into_id.is_not(None))
    into = dict(session.execute(merged).all())

    def now(partner_id: int) -> int:
        while (kept := into.get(partner_id)) is not None:
            partner_id = kept
        return partner_id

    undone = select(PartnerMerge.kept_id, PartnerMerge.gone_id).where(PartnerMerge.undone_at.is_not(None))
    return {frozenset({now(kept_id), now(gone_id)}) for kept_id, gone_id in session.execute(undone)}
