"""Paying an invoice in parts: between which amounts one part may be. Pure.

By card only, and nothing too small to be charged is ever left over.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from portal.core.errors import BadInput
from portal.core.money import format_money, parse_money, percent_of, percent_within
from portal.core.text import text
from portal.payments.fees import WHOLE

LEAST_CHARGE_CENTS = 50
"""Of one card payment (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts)."""


class PartSettings(Protocol):
    """What an agency has set; `Agency` has it. A limit of 0 is none."""

    @property
    def part_payments(self) -> bool: ...
    @property
    def part_least_cents(self) -> int: ...
    @property
    def part_least_basis_points(self) -> int: ...
    @property
    def part_most_cents(self) -> int: ...
    @property
    def part_most_basis_points(self) -> int: ...


@dataclass(frozen=True, slots=True)
class PartRange:
    """What one part of an invoice may be, besides all that is open."""

    least_cents: int
    most_cents: int


def part_range(settings: PartSettings, open_cents: int) -> PartRange | None:
    """Between which amounts a part may be; None where only all of it can be paid.

    Args:
        settings: the agency's.
        open_cents: of the invoice, now.
    """
    if not settings.part_payments:
        return None
    least = max(
        LEAST_CHARGE_CENTS,
        settings.part_least_cents,
        percent_of(open_cents, Decimal(settings.part_least_basis_points) / WHOLE),
    )
    most = open_cents - LEAST_CHARGE_CENTS
    if settings.part_most_cents:
        most = min(most, settings.part_most_cents)
    if settings.part_most_basis_points:
        most = min(most, percent_within(open_cents, Decimal(settings.part_most_basis_points) / WHOLE))
    return PartRange(least, most) if least <= most else None


def read_part(typed: str, open_cents: int, allowed: PartRange) -> int:
    """What is to be paid of an invoice: all that is open, or a part within its range.

    Args:
        typed: an amount; nothing stands for all of it.

    Raises:
        BadInput: no amount, more than is open, or outside the range.
    """
    cents = parse_money(typed) if typed.strip() else open_cents
    if cents > open_cents:
        raise BadInput(text("Only %(open)s are open.", open=format_money(open_cents)))
    if cents != open_cents and not allowed.least_cents <= cents <= allowed.most_cents:
        raise BadInput(
            text(
                "Pay all of it (%(open)s), or between %(least)s and %(most)s.",
                open=format_money(open_cents),
                least=format_money(allowed.least_cents),
                most=format_money(allowed.most_cents),
            )
        )
    return cents
