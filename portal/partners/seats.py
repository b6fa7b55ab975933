"""For which partners an e-mail address comes in, and what it may do there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args

from sqlalchemy import bindparam, select

from portal.core.tenancy import Scoped
from portal.partners.models import Partner, PartnerUser
from portal.partners.transitions import LET_IN

PartnerRole = Literal["view", "pay", "admin"]
ROLES: tuple[PartnerRole, ...] = get_args(PartnerRole)


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's place at a partner, as the routes and templates ask about it.

    Args:
        kind: of the partner: retail or wholesale.
        bills_agency: the partner pays invoices here; bills_direct: it receives commissions here.
        archived_at: since when no new programs are taken for it.
    """

    partner_id: int
    name: str
    kind: str
    bills_agency: bool
    bills_direct: bool
    archived_at: datetime | None
    user_id: int
    email: str
    first_name: str
    role: PartnerRole

    def may(self, role: PartnerRole) -> bool:
        """Whether this person may do what a role may: each may all of the one before."""
        return ROLES.index(self.role) >= ROLES.index(role)


_SEATS = (
    select(
        Partner.id,
        Partner.name,
        Partner.kind,
        Partner.bills_agency,
        Partner.bills_direct,
        Partner.archived_at,
        PartnerUser.id.label("user_id"),
        PartnerUser.email,
        PartnerUser.first_name,
        PartnerUser.role,
    )
    .join(PartnerUser, PartnerUser.partner_id == Partner.id)
    .where(
        PartnerUser.email == bindparam("email"),
        PartnerUser.state.in_(sorted(LET_IN)),
        Partner.merged_into_id.is_(None),
    )
    .order_by(Partner.name, Partner.id)
)


def seats_of(session: Scoped, email: str) -> list[Seat]:
    """Every partner that an address comes in for, by name.

    Args:
        email: as `parse_email` writes it.
    """
    return [Seat(*row[:9], cast(PartnerRole, row[9])) for row in session.execute(_SEATS, {"email": email})]


def seat_at(session: Scoped, email: str, partner_id: int) -> Seat | None:
    """An address's place at one partner; None when it has none there."""
    return next((seat for seat in seats_of(session, email) if seat.partner_id == partner_id), None)


def has_seat(session: Scoped, email: str) -> bool:
    """Whether an address comes in for any partner."""
    return session.execute(_SEATS.limit(1), {"email": email}).first() is not None
