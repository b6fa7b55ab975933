"""The rooms of a partner's portal as its navigation lists them."""

from typing import Literal, NamedTuple

from portal.core.text import Text, text
from portal.partners.seats import PartnerRole, Seat


class Room(NamedTuple):
    """One entry of the navigation.

    Args:
        endpoint: the room's first page.
        role: who may enter: this role and those above.
        also: the endpoints of its other pages; the entry is marked on them too.
        only: whom it is for: partners with agency bill, with direct bill, or everybody.
    """

    words: Text
    endpoint: str
    role: PartnerRole = "view"
    also: tuple[str, ...] = ()
    only: Literal["", "agency_bill", "direct_bill"] = ""

    def holds(self, endpoint: str) -> bool:
        """Whether a page belongs to this room."""
        return endpoint == self.endpoint or endpoint in self.also

    def is_for(self, seat: Seat) -> bool:
        """Whether somebody finds this room in their navigation."""
        has_it = {"": True, "agency_bill": seat.bills_agency, "direct_bill": seat.bills_direct}
        return seat.may(self.role) and has_it[self.only]


ROOMS: tuple[Room, ...] = (
    Room(text("Start"), "partner.home"),
    Room(
        text("Balances"),
        "partner.balances",
        also=("partner.pay", "partner.review", "partner.credit"),
        only="agency_bill",
    ),
    Room(text("Payments"), "partner.payments", only="agency_bill"),
    Room(
        text("Commissions"),
        "partner.commissions",
        also=("partner.payout",),
        only="direct_bill",
    ),
    Room(text("Clients"), "partner.clients", only="direct_bill"),
    Room(text("Statements"), "partner.statements", also=("partner.statement",)),
    Room(text("Users"), "partner.users", also=("partner.user", "partner.invite")),
    Room(text("Help"), "partner.help_page"),
)
