"""A new agency, and the people who work for it."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import select

from portal.agencies.directory import RESERVED_SLUGS
from portal.agencies.models import Agency, AgencyHost, StaffMember
from portal.core.audit import Actor, record
from portal.core.email_address import parse_email
from portal.core.errors import BadInput, Conflict
from portal.core.secrets import SecretBox
from portal.core.tenancy import Scoped, Unscoped
from portal.core.text import text

Role = Literal["support", "producer", "accountant", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class AgencyDraft:
    """What an agency starts with.

    Args:
        slug: its part of the address: lower-case letters, digits, hyphens.
        brand_hex: brand colour, #rrggbb.
        brand_folder: folder under agency_branding/.
        host: a domain of its own, or empty.
    """

    slug: str
    name: str
    phone: str
    email: str
    brand_hex: str
    brand_folder: str = "_default"
    host: str = ""
    website: str = ""
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    footer: str = ""
    time_zone: str = "America/New_York"
    locale: str = "en_US"


def create_agency(session: Unscoped, box: SecretBox, draft: AgencyDraft, at: datetime) -> Agency:
    """Create an agency with a fresh key for its guest index.

    Raises:
        BadInput: a slug, name, phone number, colour, time zone or host that cannot be used.
        Conflict: the slug or host is taken.
    """
    if draft.slug in RESERVED_SLUGS:
        raise BadInput(
            text("“%(slug)s” cannot be an address: the portal uses it itself. Choose another.", slug=draft.slug)
        )
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", draft.slug):
        raise BadInput(text("“%(slug)s” cannot be an address. Use lower-case letters and digits.", slug=draft.slug))
    if not draft.name.strip():
        raise BadInput(text("An agency needs a name: customers see it on every page and mail."))
    if len(re.sub(r"\D", "", draft.phone)) < 7:
        raise BadInput(text("“%(phone)s” is not a phone number. Write it like 828-555-0134.", phone=draft.phone))
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", draft.brand_hex):
        raise BadInput(text("“%(hex)s” is not a colour. Write it like #0b5fa5.", hex=draft.brand_hex))
    if draft.time_zone not in available_timezones():
        raise BadInput(text("“%(zone)s” is not a time zone. Write it like America/New_York.", zone=draft.time_zone))
    if draft.host:
        _require_host(draft.host)
    if session.scalar(select(Agency.id).where(Agency.slug == draft.slug)) is not None:
        raise Conflict(text("There is an agency %(slug)s already.", slug=draft.slug))
    agency = Agency(
        slug=draft.slug,
        name=draft.name.strip(),
        time_zone=ZoneInfo(draft.time_zone).key,
        locale=draft.locale,
        phone=draft.phone.strip(),
        email=parse_email(draft.email),
        website=draft.website,
        address_line1=draft.address_line1,
        address_line2=draft.address_line2,
        city=draft.city,
        state=draft.state,
        postal_code=draft.postal_code,
        brand_hex=draft.brand_hex.lower(),
        brand_folder=draft.brand_folder,
        footer=draft.footer,
        lookup_key=box.close(secrets.token_hex(32)),
        created_at=at,
    )
    session.add(agency)
    session.flush()
    if draft.host:
        add_host(session, agency.id, draft.host)
    return agency


def add_host(session: Unscoped, agency_id: int, host: str) -> bool:
    """Let a domain lead to an agency; False when it does already.

    Raises:
        BadInput: it cannot be a host.
        Conflict: it leads to another agency.
    """
    _require_host(host)
    owner = session.scalar(select(AgencyHost.agency_id).where(AgencyHost.host == host))
    if owner is None:
        session.add(AgencyHost(host=host, agency_id=agency_id))
        session.flush()
    elif owner != agency_id:
        raise Conflict(text("The host %(host)s leads to another agency already.", host=host))
    return owner is None


def _require_host(host: str) -> None:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?", host):
        raise BadInput(text("“%(host)s” is not a host name. Write it like pay.example.com.", host=host))


def add_staff(session: Scoped, email: str, name: str, role: Role, actor: Actor, at: datetime) -> StaffMember:
    """Add someone who works for the agency.

    Raises:
        BadInput: not an e-mail address, or no name.
        Conflict: the address is on the staff already.
    """
    if not name.strip():
        raise BadInput(text("Say who this is: colleagues and the audit see the name."))
    address = parse_email(email)
    if session.scalar(select(StaffMember.id).where(StaffMember.email == address)) is not None:
        raise Conflict(text("%(email)s is on the staff already.", email=address))
    member = StaffMember(email=address, name=name.strip(), role=role, created_at=at)
    session.add(member)
    session.flush()
    record(session, actor, "staff.added", "staff_member", member.id, at, role=role)
    return member
