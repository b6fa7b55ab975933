"""What paying costs the payer: nothing, or the fee that the agency passes on. Pure.

A credit card costs a plain percentage of the amount and a fixed part, with no gross-up: $100.00 at 2.9 % + $0.30 is
$3.20, not $3.30. The percentage that people read is then the one that they can check, and the fee stays below what
the processor charges for amount and fee together, as card networks and states ask (portal/reference/SOURCES.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from portal.core.money import percent_of, percent_within
from portal.core.text import Text, text
from portal.payments.method_kinds import BANK_DEBIT
from portal.reference.state_rules import strictest

CARD_FEE, BANK_DEBIT_FEE = text("Card fee"), text("Bank debit fee")
WHOLE = 10_000
"""Basis points in a whole: 290 of them are 2.9 %."""


class FeeSettings(Protocol):
    """What an agency has set; `Agency` has it."""

    @property
    def fee_is_passed_on(self) -> bool: ...
    @property
    def card_fee_basis_points(self) -> int: ...
    @property
    def card_fee_fixed_cents(self) -> int: ...
    @property
    def bank_fee_cents(self) -> int: ...


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """What is passed on to a payer, in the states that a payment touches.

    Args:
        card_basis_points: of the amount, on credit cards: 290 is 2.9 %.
        card_fixed_cents: on top of that.
        bank_cents: of a bank debit, whatever its amount.
        most_basis_points: the most that a card's fee may be of the amount.
    """

    card_basis_points: int = 0
    card_fixed_cents: int = 0
    bank_cents: int = 0
    most_basis_points: int = 0

    def card_cents(self, amount_cents: int) -> int:
        """The fee of a credit card.

        >>> FeeTerms(290, 30, 0, 300).card_cents(100_00), FeeTerms(290, 30, 0, 300).card_cents(10_00)
        (300, 30)
        """
        fee = percent_of(amount_cents, _rate(self.card_basis_points)) + self.card_fixed_cents
        return max(0, min(fee, percent_within(amount_cents, _rate(self.most_basis_points))))


NO_FEE = FeeTerms()


def fee_terms(settings: FeeSettings, states: Iterable[str]) -> FeeTerms:
    """What an agency may pass on.

    Args:
        settings: the agency's.
        states: the agency's own and those of every insured whose invoice is paid; the strictest counts. An address
            outside the US stands as "", which has no rule.
    """
    if not settings.fee_is_passed_on:
        return NO_FEE
    rule = strictest(states)
    if not rule.is_allowed:
        return NO_FEE
    return FeeTerms(
        settings.card_fee_basis_points,
        settings.card_fee_fixed_cents,
        settings.bank_fee_cents,
        int(rule.most_rate * WHOLE),
    )


def fee_cents(terms: FeeTerms, method_kind: str, funding: str, amount_cents: int) -> int:
    """The fee of one payment; nothing on debit, prepaid and unknown cards, on Link, and on what we do not know.

    Args:
        method_kind, funding: as the processor says of the method that will pay.
    """
    if amount_cents <= 0:
        return 0
    if method_kind == "card":
        return terms.card_cents(amount_cents) if funding == "credit" else 0
    return terms.bank_cents if method_kind == BANK_DEBIT else 0


def fee_name(method_kind: str) -> Text:
    """What the fee is called beside its amount."""
    return BANK_DEBIT_FEE if method_kind == BANK_DEBIT else CARD_FEE


def _rate(basis_points: int) -> Decimal:
    return Decimal(basis_points) / WHOLE
