"""What an e-mail address is at an agency: an insured, a member of its staff, or both."""

from typing import Literal

from portal.access.staff import staff_of
from portal.access.visible import sight_of
from portal.core.tenancy import Scoped

Hat = Literal["insured", "staff"]


def hats_of(session: Scoped, email: str) -> tuple[Hat, ...]:
    """Every hat of an address, the one with less power first; empty when the agency does not know it.

    Args:
        email: as `parse_email` writes it.
    """
    hats: list[Hat] = []
    if sight_of(session, email):
        hats.append("insured")
    if staff_of(session, email):
        hats.append("staff")
    return tuple(hats)
