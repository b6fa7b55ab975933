"""What paying costs at an agency, and whether the payer bears it or the agency."""

import re
from dataclasses import dataclass
from decimal import Decimal

from portal.agencies.models import Agency
from portal.core.errors import BadInput
from portal.core.tenancy import Unscoped
from portal.core.text import text

MOST_BASIS_POINTS = 300
MOST_FIXED_CENTS = 100
MOST_BANK_CENTS = 2_500


@dataclass(frozen=True, slots=True)
class Fees:
    """Fees as set: what the processor charges the agency, and whether that is passed on.

    Args:
        is_passed_on: the payer bears it; else the agency does, and the payer sees no fee.
        card_basis_points: of the amount, on credit cards: 290 is 2.9 %.
        card_fixed_cents: on top of that.
        bank_cents: of each bank debit.
    """

    is_passed_on: bool
    card_basis_points: int
    card_fixed_cents: int
    bank_cents: int

    def __post_init__(self) -> None:
        """Keep within the card networks' cap and what is usual.

        Raises:
            BadInput: a fee below nothing, or above the most.
        """
        if not 0 <= self.card_basis_points <= MOST_BASIS_POINTS:
            raise BadInput(text("The card fee is between 0 and 3 percent: card networks allow no more."))
        if not 0 <= self.card_fixed_cents <= MOST_FIXED_CENTS:
            raise BadInput(text("The fixed part of the card fee is between $0.00 and $1.00."))
        if not 0 <= self.bank_cents <= MOST_BANK_CENTS:
            raise BadInput(text("The fee for a bank debit is between $0.00 and $25.00."))


def parse_percent(raw: str) -> int:
    """Read a percentage with up to two decimals, in basis points.

    >>> parse_percent("2.9 %"), parse_percent("3")
    (290, 300)

    Raises:
        BadInput: not a percentage.
    """
    cleaned = raw.strip().removesuffix("%").strip()
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", cleaned):
        raise BadInput(text("“%(raw)s” is not a percentage. Write it like 2.9.", raw=raw.strip()))
    return int(Decimal(cleaned) * 100)


def set_fees(session: Unscoped, agency_id: int, fees: Fees) -> None:
    """Store an agency's fees, for payments that are reviewed from now on."""
    agency = session.get_one(Agency, agency_id)
    agency.fee_is_passed_on = fees.is_passed_on
    agency.card_fee_basis_points = fees.card_basis_points
    agency.card_fee_fixed_cents = fees.card_fixed_cents
    agency.bank_fee_cents = fees.bank_cents
