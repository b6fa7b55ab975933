"""What an e-mail address is at an agency: an insured, a user of a partner, a member of its staff, or several."""

from typing import Literal

from portal.access.staff import staff_of
from portal.access.visible import sight_of
from portal.core.tenancy import Scoped
from portal.partners.seats import has_seat

Hat = Literal["insured", "partner", "staff"]


def hats_of(session: Scoped, email: str) -> tuple[Hat, ...]:
    """Every hat of an address, the one with less power first; empty when the agency does not know it.

    Args:
        email: as `parse_email` writes it.
    """
    hats: list[Hat] = []
    if sight_of(session, email):
        hats.append("insured")
    if has_seat(session, email):
        hats.append("partner")
    if staff_of(session, email):
        hats.append("staff")
    return tuple(hats)
