"""Entries about premium that comes back: from an endorsement, or a cancelation that the insured asked for. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.ledger.postings import (
    COMMISSION_EXPENSE,
    CUSTOMER_CREDIT,
    LOAN_BALANCE,
    RELEASES,
    Entry,
    Line,
    Settled,
    release,
)


@dataclass(frozen=True, slots=True)
class Returned:
    """What comes back of one policy, in cents; `commission_cents` is the agency's, inside the premium.

    `kept_cents` of the premium the partner who paid had kept: it never came in, and does not go back.
    """

    policy_id: int
    carrier: str
    premium_cents: int
    commission_cents: int
    taxes_cents: int
    fees_cents: int = 0
    kept_cents: int = 0

    @property
    def total_cents(self) -> int:
        """What goes back to who paid."""
        return self.premium_cents + self.taxes_cents + self.fees_cents - self.kept_cents

    @property
    def lines(self) -> list[Line]:
        """Dr premium payable, commission income, tax payable, fee income; Cr commission expense."""
        tags = (None, self.policy_id, self.carrier)
        return [
            Line(RELEASES["premium_billed"], self.premium_cents - self.commission_cents, *tags),
            Line(RELEASES["commission_billed"], self.commission_cents, *tags),
            Line(RELEASES["tax_billed"], self.taxes_cents, *tags),
            Line("fee_income", self.fees_cents, *tags),
            Line(COMMISSION_EXPENSE, -self.kept_cents, *tags),
        ]


def premium_returned(
    ref: str,
    returned: Sequence[Returned],
    parts: Sequence[Settled],
    balance: tuple[int, int] | None,
    credit_cents: int,
    booked_on: date,
) -> Entry:
    """Premium comes back, and pays what is open, as a payment would.

    Dr what it takes back; Cr loan receivable and receivable by what it pays, REL of each part; Cr customer credit.
    What a loan that ends still needs is Dr loan balance, which its own invoice asks for.

    Args:
        ref: the id of the `premium_return`.
        parts: what it pays, installments and others.
        balance: that invoice's id, and its cents.
        credit_cents: what is left over.
    """
    lines = [line for one in returned for line in one.lines]
    if balance is not None:
        lines.append(Line(LOAN_BALANCE, balance[1], balance[0]))
    for part in parts:
        lines.append(Line(part.invoice.receivable, -part.amount_cents, part.invoice.invoice_id))
        lines += release(part)
    lines.append(Line(CUSTOMER_CREDIT, -credit_cents))
    return Entry("premium_returned", ref, booked_on, tuple(line for line in lines if line.cents))
