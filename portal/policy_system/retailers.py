"""Which of our partners a retail agency of BindHQ is: by its id there, else as duplicates are known, else new."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from portal.core.audit import Actor
from portal.core.email_address import parse_email
from portal.core.tenancy import Scoped
from portal.imports.cells import read_zip
from portal.insureds.alike import address_key, name_key
from portal.partners.accounts import PartnerDraft, create_partner
from portal.partners.models import Partner, PartnerReference, PartnerUser
from portal.partners.users import UserDraft, add_user
from portal.policy_system.records import AgencyThere, Person
from portal.policy_system.validate import valid_phone

SYSTEM_NAME = "bindhq"


def partners_of(session: Scoped, external_ids: Iterable[str]) -> dict[str, int]:
    """The partners that stand for these agencies, by BindHQ's id."""
    query = (
        select(PartnerReference.external_id, func.coalesce(Partner.merged_into_id, Partner.id))
        .join(Partner, Partner.id == PartnerReference.partner_id)
        .where(PartnerReference.system == SYSTEM_NAME, PartnerReference.external_id.in_(set(external_ids)))
    )
    return dict(session.execute(query).all())


def partner_for(
    session: Scoped, agency: AgencyThere, agent: Person | None, actor: Actor, at: datetime
) -> tuple[int, bool]:
    """The partner that an agency is, made if there is none; and whether it was made.

    Args:
        session: a write unit.
        agency: one that has nothing against it (`validate.agency_failures`).
        agent: who is met with it: the first contact of a partner that is made.
    """
    known = partners_of(session, [agency.id]).get(agency.id)
    if known is not None:
        return known, False
    contact = agent or next(iter(agency.agents), None)
    alike = _alike(session, agency, contact)
    partner = alike or _make(session, agency, contact, actor, at)
    session.add(PartnerReference(partner_id=partner.id, system=SYSTEM_NAME, external_id=agency.id))
    session.flush()
    return partner.id, alike is None


def agent_of(session: Scoped, partner_id: int, agent: Person, actor: Actor, at: datetime) -> None:
    """Make a retail agent a user of the partner, if they never were: with the least role. Whose address is of another
    domain than the partner's is held, and nobody who was removed comes back.

    Args:
        session: a write unit.
        agent: one that has nothing against them.
    """
    email = parse_email(agent.email or "")
    known = select(PartnerUser.id).where(PartnerUser.partner_id == partner_id, PartnerUser.email == email)
    if session.scalar(known) is None:
        draft = UserDraft(email, "view", agent.first_name or "", agent.last_name or "")
        add_user(session, partner_id, draft, "imported", actor, at)


def _alike(session: Scoped, agency: AgencyThere, contact: Person | None) -> Partner | None:
    """The one partner with the same name, address without its second line, and domain of e-mail addresses."""
    name, place = _key(agency.name or "", agency.address.line1 or "", agency.address.postal_code or "")
    domains = {_domain(email) for email in (agency.email, contact.email if contact else None) if email}
    near = func.substr(func.trim(Partner.postal_code), 1, 5) == (agency.address.postal_code or "").strip()[:5]
    rows = session.scalars(
        select(Partner)
        .where(Partner.merged_into_id.is_(None), Partner.archived_at.is_(None), near)
        .order_by(Partner.id)
    )
    same = [
        row
        for row in rows
        if _key(row.name, row.address_line1, row.postal_code) == (name, place) and _domain(row.contact_email) in domains
    ]
    return same[0] if len(same) == 1 else None


def _make(session: Scoped, agency: AgencyThere, contact: Person | None, actor: Actor, at: datetime) -> Partner:
    """A partner for both ways of billing; its contact is its first admin, and is welcomed by mail."""
    address, phone = agency.address, valid_phone(agency.phone or "")
    draft = PartnerDraft(
        kind="retail",
        name=agency.name or "",
        address_line1=address.line1 or "",
        address_line2=address.line2 or "",
        city=address.city or "",
        state=(address.state or "").strip().upper(),
        postal_code=read_zip((address.postal_code or "").strip()),
        phone=f"{phone[:3]}-{phone[3:6]}-{phone[6:]}" if phone else agency.phone or "",
        contact_first_name=(contact.first_name if contact else "") or "",
        contact_last_name=(contact.last_name if contact else "") or "",
        contact_email=(contact.email if contact and contact.email else agency.email) or "",
        bills_agency=True,
        bills_direct=True,
    )
    return create_partner(session, draft, actor, at)


def _key(name: str, line1: str, postal_code: str) -> tuple[str, str]:
    return name_key(name), address_key(line1, postal_code)


def _domain(email: str) -> str:
    return email.strip().lower().rpartition("@")[2]
