"""Whom BindHQ means: which of our insureds is one of theirs, and their users among our staff."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select

from portal.agencies.found import add_staff
from portal.agencies.models import StaffMember
from portal.core.audit import Actor
from portal.core.tenancy import Scoped
from portal.insureds.alike import name_key
from portal.insureds.models import Insured, InsuredEmail
from portal.policy_system.models import PolicyInsured
from portal.policy_system.records import InsuredThere, Person


def references_of(session: Scoped, insureds: Sequence[InsuredThere]) -> dict[str, str]:
    """Our references of these insureds, by BindHQ's id: whom the id was linked to, else who has the address and the
    name. Never by the name alone. Those who are new get a reference that says where they came from."""
    ids_there = {one.id for one in insureds}
    linked = (
        select(PolicyInsured.external_id, func.coalesce(Insured.merged_into_id, Insured.id))
        .join(Insured, Insured.id == PolicyInsured.insured_id)
        .where(PolicyInsured.external_id.in_(ids_there))
    )
    ids = dict(session.execute(linked).all())
    kept = dict(session.execute(select(Insured.id, Insured.reference).where(Insured.id.in_(ids.values()))).all())
    found = {external_id: kept[insured_id] for external_id, insured_id in ids.items()}
    emails = {(one.email or "").strip().lower() for one in insureds if one.id not in found} - {""}
    rows = session.execute(
        select(InsuredEmail.email, Insured.name, Insured.reference)
        .join(Insured, Insured.id == InsuredEmail.insured_id)
        .where(InsuredEmail.email.in_(emails), Insured.merged_into_id.is_(None))
        .order_by(Insured.id.desc())
    )
    by_address = {(email, name_key(name)): reference for email, name, reference in rows}
    for one in insureds:
        if one.id not in found and _key(one) in by_address:
            found[one.id] = by_address[_key(one)]
    for one in insureds:
        found.setdefault(one.id, by_address.setdefault(_key(one), f"BHQ-{one.id}"))
    return found


def _key(insured: InsuredThere) -> tuple[str, str]:
    return (insured.email or "").strip().lower(), name_key(insured.name or "")


def link_insureds(session: Scoped, insured_ids: dict[str, int]) -> None:
    """Keep whom BindHQ means, by its ids."""
    query = select(PolicyInsured.external_id).where(PolicyInsured.external_id.in_(insured_ids))
    known = set(session.scalars(query))
    session.add_all(
        PolicyInsured(external_id=external_id, insured_id=insured_id)
        for external_id, insured_id in insured_ids.items()
        if external_id not in known
    )
    session.flush()


def add_missing_staff(session: Scoped, users: Collection[Person], actor: Actor, at: datetime) -> int:
    """Make those of BindHQ's users staff who are not, with the least role; they sign in when they first come.

    Nobody who was archived is revived. Says how many were added.

    Args:
        session: a write unit.
        users: who have nothing against them (`validate.user_failures`).
    """
    wanted = {(user.email or "").strip().lower(): user for user in users}
    known = set(session.scalars(select(StaffMember.email).where(StaffMember.email.in_(wanted))))
    new = [user for email, user in wanted.items() if email not in known]
    for user in new:
        add_staff(session, user.email or "", f"{user.first_name} {user.last_name}", "support", actor, at)
    return len(new)
