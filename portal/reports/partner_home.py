"""What a partner sees first: one card for each figure, leading to the page that has what it is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.partners.seats import Seat
from portal.payments.money_back.credit import CreditOwner, credit_balance
from portal.reports.partner_balances import open_sums
from portal.reports.partner_commissions import unpaid_commissions


@dataclass(frozen=True, slots=True)
class HomeCard:
    """One figure.

    Args:
        key: its own name, as in the page's ids.
        count: how many things it is made of.
        endpoint: of the page behind it, with `values` for its address; empty if there is none.
        is_bad: it should not be so.
    """

    key: str
    words: Text
    cents: int
    count: int
    endpoint: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    is_bad: bool = False


def home_cards(session: Scoped, seat: Seat, today: date) -> list[HomeCard]:
    """The cards of a partner, in order; each of `CARDS` adds its own.

    Args:
        today: the day at the agency.
    """
    return [card for make in CARDS for card in make(session, seat, today)]


def open_invoices(session: Scoped, seat: Seat, today: date) -> list[HomeCard]:
    """Of agency bill: overdue, due in thirty days, upcoming, and what payments under way hold."""
    if not seat.bills_agency:
        return []
    sums = open_sums(session, seat.partner_id, today)
    overdue, due, upcoming, processing = (sums[show][::-1] for show in ("overdue", "due", "upcoming", "processing"))
    cards = [
        HomeCard(
            "overdue", text("Overdue"), *overdue, "partner.balances", {"show": "overdue"}, is_bad=bool(overdue[1])
        ),
        HomeCard("due", text("Due in 30 days"), *due, "partner.balances", {"show": "due"}),
        HomeCard("upcoming", text("Due later"), *upcoming, "partner.balances", {"show": "upcoming"}),
    ]
    return (
        [*cards, HomeCard("processing", text("Processing"), *processing, "partner.balances", {"show": "processing"})]
        if processing[1]
        else cards
    )


def commissions(session: Scoped, seat: Seat, today: date) -> list[HomeCard]:
    """Of direct bill: what goes out with the next payout."""
    if not seat.bills_direct:
        return []
    cents, count = unpaid_commissions(session, seat.partner_id, today)
    return [HomeCard("commissions", text("Commission in the next payout"), cents, count, "partner.commissions")]


def credit(session: Scoped, seat: Seat, _today: date) -> list[HomeCard]:
    """What the partner has paid too much, or what came back; nothing for nothing."""
    cents = credit_balance(session, CreditOwner(partner_id=seat.partner_id))
    return [HomeCard("credit", text("Your credit"), cents, 1, "partner.credit")] if cents > 0 else []


CARDS: tuple[Callable[[Scoped, Seat, date], list[HomeCard]], ...] = (open_invoices, credit, commissions)
"""Whoever builds another page for partners adds the function that makes its cards."""
