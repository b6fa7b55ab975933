"""The remittance and deductions report of a payout: which commission a partner gets, and what is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead, Party


@dataclass(frozen=True, slots=True)
class CommissionLine:
    """What one movement of money has brought for one policy.

    Args:
        settled_on: when the insured's money settled, or went back.
        rate: as people write it, "12.5%".
        premium_cents: what was paid for, or is paid for no more.
        amount_cents: the commission on it; negative for a deduction.
    """

    settled_on: date
    policy: str
    insured: str
    rate: str
    premium_cents: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Remittance:
    """What a partner reads of a payout.

    Args:
        paid_on: the day of the transfer; None while it is only proposed or approved.
        bank_reference: what the bank calls the transfer; may be empty.
        earned, taken_back: which commission it pays, and which it deducts.
        locale: en_US or es_US.
    """

    letterhead: Letterhead
    number: str
    run_on: date
    paid_on: date | None
    bank_reference: str
    partner: Party
    earned: tuple[CommissionLine, ...]
    taken_back: tuple[CommissionLine, ...]
    earned_cents: int
    deducted_cents: int
    total_cents: int
    locale: str = "en_US"

    template: ClassVar[str] = "remittance.typ"
    labels: ClassVar[Mapping[str, Text]] = {
        "kind": text("Commission payout"),
        "amount_paid": text("Paid to you"),
        "to": text("Paid to"),
        "paid_on": text("Date paid"),
        "not_paid": text("Not paid yet"),
        "reference": text("Bank reference"),
        "paid": text("Paid"),
        "earned": text("Commission earned"),
        "deducted": text("Deductions"),
        "deductions": text("Deductions: premium that came back"),
        "no_deductions": text("Nothing was taken back."),
        "settled_on": text("Settled on"),
        "policy": text("Policy"),
        "insured": text("Insured"),
        "premium": text("Premium"),
        "rate": text("Rate"),
        "commission": text("Commission"),
        "total": text("Total"),
        "logo": text("Logo"),
        "questions": text("Questions about this payout? Quote the number above."),
    }

    @property
    def title(self) -> Text:
        """The document's title, as readers and screen readers announce it."""
        return text(
            "Commission payout %(number)s from %(agency)s", number=self.number, agency=self.letterhead.agency_name
        )

    @property
    def dated(self) -> date:
        """The day the document speaks of: the same payout always makes the same file."""
        return self.paid_on or self.run_on

    @property
    def filename(self) -> str:
        """A name to save it by."""
        return f"commission-{self.number}.pdf"
