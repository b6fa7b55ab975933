"""Partners as the agency keeps them: adding, changing, archiving. What is changed counts for new policies only."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.core.audit import Actor, Personal, record
from portal.core.email_address import parse_email
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.personal_keys import of_email
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.partners.models import KINDS, SCHEDULES, Partner
from portal.partners.twins import look_for_twins
from portal.partners.users import UserDraft, add_user

MOST_DAYS = 365
_CONTACT = frozenset({"contact_first_name", "contact_last_name", "contact_email", "phone"})


@dataclass(frozen=True, slots=True)
class PartnerDraft:
    """What a partner is to be. Names and meanings are those of the model; rates are fractions (0.125 is 12.5 %)."""

    kind: str
    name: str
    address_line1: str
    city: str
    state: str
    postal_code: str
    contact_first_name: str
    contact_last_name: str
    contact_email: str
    bills_agency: bool
    bills_direct: bool
    address_line2: str = ""
    phone: str = ""
    due_days: int = 0
    kept_commission_rate: Decimal | None = None
    commission_rate: Decimal | None = None
    payout_schedule: str = "monthly"
    settlement_days: int = 0


def partner_of(session: Scoped, partner_id: int, *, lock: bool = False) -> Partner:
    """A partner of this agency; of one that was merged into another, nothing is left to see.

    Args:
        lock: read it anew and hold it until the unit ends, so that nobody changes it meanwhile.

    Raises:
        NotFound: there is none.
    """
    wanted = select(Partner).where(Partner.id == partner_id, Partner.merged_into_id.is_(None))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    partner = session.scalars(wanted).one_or_none()
    if partner is None:
        raise NotFound
    return partner


def create_partner(session: Scoped, draft: PartnerDraft, actor: Actor, at: datetime) -> Partner:
    """Add a partner. The contact becomes its first admin and gets the welcome mail.

    Args:
        session: a write unit.

    Raises:
        BadInput: a value that cannot be used.
    """
    values = _checked(draft)
    partner = Partner(**values, created_at=at, archived_at=None, merged_into_id=None)
    session.add(partner)
    session.flush()
    about = Personal(of_email(partner.contact_email), {"contact": partner.contact_email})
    record(session, actor, "partner.added", "partner", partner.id, at, about, name=partner.name, kind=partner.kind)
    contact = UserDraft(partner.contact_email, "admin", partner.contact_first_name, partner.contact_last_name)
    add_user(session, partner.id, contact, "contact", actor, at)
    return partner


def edit_partner(session: Scoped, partner_id: int, draft: PartnerDraft, actor: Actor, at: datetime) -> None:
    """Change what stands at a partner: for programs to come, no invoice or policy there is changes.

    Another contact gets the mails from now on; who comes in stays the partner's business.

    Args:
        session: a write unit.

    Raises:
        NotFound: there is none.
        BadInput: a value that cannot be used.
    """
    partner = partner_of(session, partner_id)
    values = _checked(draft)
    changed = {name: value for name, value in values.items() if getattr(partner, name) != value}
    if not changed:
        return
    before = {name: getattr(partner, name) for name in changed}
    for name, value in changed.items():
        setattr(partner, name, value)
    open_, personal = _told(before, changed, _CONTACT)
    about = Personal(of_email(partner.contact_email), personal) if personal else None
    record(session, actor, "partner.changed", "partner", partner.id, at, about, **open_)
    look_for_twins(session, partner.id, at)
    session.flush()


def archive_partner(session: Scoped, partner_id: int, actor: Actor, at: datetime) -> None:
    """Take no new programs for a partner. Its users still come in, see what was and pay what is open.

    Raises:
        NotFound: there is none.
        Conflict: it is archived already.
    """
    partner = partner_of(session, partner_id)
    if partner.archived_at is not None:
        raise Conflict
    partner.archived_at = at
    record(session, actor, "partner.archived", "partner", partner.id, at)
    session.flush()


def unarchive_partner(session: Scoped, partner_id: int, actor: Actor, at: datetime) -> None:
    """Take new programs for a partner again.

    Raises:
        NotFound: there is none.
        Conflict: it is not archived.
    """
    partner = partner_of(session, partner_id)
    if partner.archived_at is None:
        raise Conflict
    partner.archived_at = None
    record(session, actor, "partner.unarchived", "partner", partner.id, at)
    look_for_twins(session, partner.id, at)
    session.flush()


def _checked(draft: PartnerDraft) -> dict[str, Any]:
    """The values to store: trimmed, the contact's address in its one spelling."""
    values = {name: value.strip() if isinstance(value, str) else value for name, value in asdict(draft).items()}
    needed = ("name", "address_line1", "city", "state", "postal_code", "contact_first_name", "contact_last_name")
    if not all(values[name] for name in needed):
        raise BadInput(text("Name, address and contact of a partner cannot be empty."))
    if draft.kind not in KINDS or draft.payout_schedule not in SCHEDULES:
        raise BadInput
    if not (draft.bills_agency or draft.bills_direct):
        raise BadInput(text("Choose agency bill, direct bill or both."))
    if not all(0 <= days <= MOST_DAYS for days in (draft.due_days, draft.settlement_days)):
        raise BadInput(text("Enter days from 0 to %(most)s.", most=MOST_DAYS))
    if any(rate is not None and not 0 <= rate < 1 for rate in (draft.kept_commission_rate, draft.commission_rate)):
        raise BadInput(text("A commission is a percentage from 0 to less than 100."))
    values["contact_email"] = parse_email(draft.contact_email)
    return values


def _told(
    before: Mapping[str, Any], after: Mapping[str, Any], personal: frozenset[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What changed, before and after, for the audit: open, and about a person."""
    both = {name: [_plain(before[name]), _plain(value)] for name, value in after.items()}
    return (
        {name: pair for name, pair in both.items() if name not in personal},
        {name: pair for name, pair in both.items() if name in personal},
    )


def _plain(value: Any) -> Any:
    return f"{value * 100:f}".rstrip("0").rstrip(".") + " %" if isinstance(value, Decimal) else value
