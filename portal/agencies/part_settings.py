"""Whether an agency takes an invoice in parts, and how small and large a part may be."""

from dataclasses import dataclass

from portal.agencies.fee_settings import parse_percent
from portal.agencies.models import Agency
from portal.core.errors import BadInput
from portal.core.money import parse_money, plain_money
from portal.core.tenancy import Unscoped
from portal.core.text import text

WHOLE = 10_000
"""Basis points in a whole."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of one payment: dollars, or a part of what is open; none if both are 0.

    Args:
        basis_points: of what is open: 1000 is 10 %.
    """

    cents: int = 0
    basis_points: int = 0

    def __str__(self) -> str:
        """As it is typed: "50.00", "10 %"."""
        if self.basis_points:
            whole, rest = divmod(self.basis_points, 100)
            return f"{whole}.{rest:02d} %" if rest else f"{whole} %"
        return plain_money(self.cents) if self.cents else ""


@dataclass(frozen=True, slots=True)
class Parts:
    """Part payments as set.

    Raises:
        BadInput: the least is above the most.
    """

    are_taken: bool
    least: Limit = Limit()
    most: Limit = Limit()

    def __post_init__(self) -> None:
        """See that something lies between."""
        above = 0 < self.most.cents < self.least.cents or 0 < self.most.basis_points < self.least.basis_points
        if above:
            raise BadInput(text("The most is below the least: nobody could pay a part."))


def parse_limit(raw: str) -> Limit:
    """Read a limit: dollars, a percentage of what is open, or nothing.

    >>> parse_limit("$50"), parse_limit("10 %"), parse_limit(" ")
    (Limit(cents=5000, basis_points=0), Limit(cents=0, basis_points=1000), Limit(cents=0, basis_points=0))

    Raises:
        BadInput: neither, or more than the whole.
    """
    typed = raw.strip()
    if not typed:
        return Limit()
    if not typed.endswith("%"):
        cents = parse_money(typed)
        if cents <= 0:
            raise BadInput(text("Enter an amount of more than nothing, or leave it empty."))
        return Limit(cents=cents)
    basis_points = parse_percent(typed)
    if not 0 < basis_points <= WHOLE:
        raise BadInput(text("A part of what is open is above 0 and at most 100 percent."))
    return Limit(basis_points=basis_points)


def parts_of(agency: Agency) -> Parts:
    """What an agency has set."""
    return Parts(
        agency.part_payments,
        Limit(agency.part_least_cents, agency.part_least_basis_points),
        Limit(agency.part_most_cents, agency.part_most_basis_points),
    )


def set_parts(session: Unscoped, agency_id: int, parts: Parts) -> None:
    """Store it, for payments that are chosen from now on."""
    agency = session.get_one(Agency, agency_id)
    agency.part_payments = parts.are_taken
    agency.part_least_cents, agency.part_least_basis_points = parts.least.cents, parts.least.basis_points
    agency.part_most_cents, agency.part_most_basis_points = parts.most.cents, parts.most.basis_points
