"""What an endorsement bills: one invoice, or a part with each installment that is left. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from portal.core.errors import BadInput
from portal.core.money import allocate
from portal.core.text import Text, text
from portal.invoices.issue import LineDraft

Way = Literal["invoice", "spread", "credit"]
WAY_WORDS: dict[str, Text] = {
    "invoice": text("It costs more: one invoice"),
    "spread": text("It costs more: with the installments that are left"),
    "credit": text("It costs less: premium comes back"),
}
MOST_OF_PERSONS = 4
"""Into more parts a person's bill is not spread: more than four installments are credit, even without interest
(12 CFR 1026.2(a)(17))."""
LEAST_PART_CENTS = 50
"""Less than this the processor does not charge."""


@dataclass(frozen=True, slots=True)
class EndorsementDraft:
    """What staff enter. Amounts in cents; all positive, also of premium that comes back.

    Args:
        request_key: one per rendered form.
        due_date: of the one invoice.
    """

    request_key: str
    policy_id: int
    way: Way
    description: str
    effective_on: date
    due_date: date
    premium_cents: int
    taxes_cents: int = 0
    surplus_lines_tax_cents: int = 0
    fees_cents: int = 0

    @property
    def total_cents(self) -> int:
        """All of it."""
        return self.premium_cents + self.taxes_cents + self.surplus_lines_tax_cents + self.fees_cents


def days_for(upcoming: Sequence[date], *, is_person: bool) -> Sequence[date]:
    """The days with which an endorsement can be spread.

    Args:
        upcoming: of the installments that are left, by their order.
        is_person: the insured is no business.
    """
    return upcoming[:MOST_OF_PERSONS] if is_person else upcoming


def parts_of(lines: Sequence[LineDraft], count: int) -> list[list[LineDraft]]:
    """The lines of each part: fees are due with the first, the rest in equal parts. Nothing is lost.

    Args:
        count: how many parts.

    Raises:
        BadInput: there is no part, or one would be too small to be paid.
    """
    parts: list[list[LineDraft]] = [[] for _ in range(count)]
    for line in lines if parts else ():
        amounts = (
            [line.amount_cents, *[0] * (count - 1)]
            if line.kind.endswith("_fee")
            else allocate(line.amount_cents, [1] * count)
        )
        commissions, kept_parts = (
            allocate(cents, amounts) if line.amount_cents else [0] * count
            for cents in (line.commission_cents, line.kept_cents)
        )
        for part, amount, commission, kept in zip(parts, amounts, commissions, kept_parts, strict=True):
            if amount:
                part.append(replace(line, amount_cents=amount, commission_cents=commission, kept_cents=kept))
    if not parts or any(sum(line.amount_cents - line.kept_cents for line in part) < LEAST_PART_CENTS for part in parts):
        raise BadInput(text("It cannot be spread: no installments are left, or the parts would be too small."))
    return parts
