"""Taxes on the agreement itself, as a state lays them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StampTax:
    """So much for each $100 of the debt, or part of it, up to a limit.

    Florida: $0.35, at most $2,450 for an unsecured obligation (Fla. Stat. 201.08).

    Args:
        per_100_cents: for each $100 or part.
        most_cents: the limit; None where there is none.
    """

    per_100_cents: int
    most_cents: int | None

    def of(self, debt_cents: int) -> int:
        """The tax on a debt.

        >>> StampTax(35, 245_000).of(900_001)
        3185
        """
        tax = -(-debt_cents // 100_00) * self.per_100_cents
        return tax if self.most_cents is None else min(tax, self.most_cents)
