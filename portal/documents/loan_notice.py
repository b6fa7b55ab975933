"""The notice to the lender that a financed program is canceled, as a document. In English, as the agreement is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from portal.core.text import Text
from portal.documents.letterhead import Letterhead, Line, Party, PolicyLine


@dataclass(frozen=True, slots=True)
class LoanNoticeDocument:
    """A notice.

    Args:
        letterhead: the agency's.
        number: of the agreement.
        canceled_on: the day of the cancelation.
        lender: whom it is addressed to.
        borrower: whose program it is.
        lines: what was unpaid of the loan on that day; they add up to unpaid_cents.
        policies: what is canceled.
    """

    letterhead: Letterhead
    number: str
    canceled_on: date
    lender: Party
    borrower: Party
    lines: tuple[Line, ...]
    unpaid_cents: int
    policies: tuple[PolicyLine, ...]
    locale: str = "en_US"

    template: ClassVar[str] = "loan_notice.typ"
    labels: ClassVar[Mapping[str, Text]] = {
        "kind": Text("Notice of cancelation to the lender"),
        "number": Text("Agreement"),
        "canceled_on": Text("Canceled on"),
        "borrower": Text("Insured"),
        "unpaid": Text("Unpaid on that day"),
        "description": Text("Description"),
        "amount": Text("Amount"),
        "total": Text("Unpaid principal and earned interest"),
        "policies": Text("Policies that are canceled"),
        "policy_number": Text("Policy number"),
        "carrier": Text("Carrier"),
        "coverage": Text("Coverage"),
        "term": Text("Term"),
        "body": Text(
            "The insurance that you have financed under this agreement is canceled. No further installments are asked "
            "for. What was unpaid of the loan on that day stands below; return premium of the carriers goes against it "
            "first."
        ),
        "logo": Text("Logo of"),
        "reinstated": Text("If the program is reinstated, we tell you, and the agreement goes on as it was signed."),
    }

    @property
    def title(self) -> Text:
        """The document's title."""
        return Text("Notice of cancelation, agreement %(number)s", {"number": self.number})

    @property
    def dated(self) -> date:
        """The day it speaks of."""
        return self.canceled_on
