"""What a partner sees first: one card for each figure, leading to the page that has what it is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import ColumnElement, case, func, select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.invoices.models import Invoice
from portal.partners.seats import Seat
from portal.payments.money_back.credit import CreditOwner, credit_balance
from portal.reports.partner_commissions import unpaid_commissions
from portal.servicing.program_facts import under_way

SOON = timedelta(days=30)


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
    held, soon = under_way(), today + SOON

    def sums(*which: ColumnElement[bool]) -> tuple[ColumnElement[int], ColumnElement[int]]:
        chosen = which[0] if len(which) == 1 else which[0] & which[1]
        return func.coalesce(func.sum(case((chosen, Invoice.open_cents), else_=0)), 0), func.count(case((chosen, 1)))

    free = ~held
    row = session.execute(
        select(
            *sums(free, Invoice.due_date < today),
            *sums(free, Invoice.due_date.between(today, soon)),
            *sums(free, Invoice.due_date > soon),
            *sums(held),
        ).where(Invoice.partner_id == seat.partner_id, Invoice.state == "open")
    ).one()
    figures = [int(value) for value in row]
    overdue, due, upcoming, processing = zip(figures[::2], figures[1::2], strict=True)
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
