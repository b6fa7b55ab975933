"""The staff member behind an e-mail address."""

from dataclasses import dataclass
from typing import cast

from sqlalchemy import bindparam, select

from portal.access.permissions import Permission, may
from portal.agencies.found import Role
from portal.agencies.models import StaffMember
from portal.core.tenancy import Scoped


@dataclass(frozen=True, slots=True)
class Staff:
    """Someone who works for the agency, as the routes and templates ask about them."""

    id: int
    email: str
    name: str
    role: Role

    def may(self, permission: Permission | str) -> bool:
        """Whether this person has a permission."""
        return may(self.role, Permission(permission))


_ACTIVE = select(StaffMember.id, StaffMember.email, StaffMember.name, StaffMember.role).where(
    StaffMember.email == bindparam("email"), StaffMember.is_active.is_(True)
)


def staff_of(session: Scoped, email: str) -> Staff | None:
    """Who works for the agency under this address; None when nobody does, or no longer.

    Args:
        email: as `parse_email` writes it.
    """
    row = session.execute(_ACTIVE, {"email": email}).one_or_none()
    return Staff(row.id, row.email, row.name, cast(Role, row.role)) if row else None
