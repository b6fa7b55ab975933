"""The finance agreement as a document: who lends to whom, what it costs, when it is paid, and who signed.

It is written in English only: legal texts are translated in reviewed translations, and there is none yet. Its
labels are therefore plain `Text`s, which no catalogue holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import ClassVar

from portal.core.text import Text
from portal.documents.letterhead import Letterhead, Line, Party, PolicyLine


@dataclass(frozen=True, slots=True)
class InstallmentLine:
    """One row of the schedule."""

    number: str
    due_on: date
    payment_cents: int
    interest_cents: int
    principal_cents: int
    balance_cents: int


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed it, and how that is proved.

    Args:
        signed_at: the moment as written for people.
        document_hash: SHA-256 of the agreement as it was read, without this block.
    """

    typed_name: str
    email: str
    signed_at: str
    ip: str
    browser: str
    consent: str
    document_hash: str


@dataclass(frozen=True, slots=True)
class AgreementDocument:
    """A premium finance agreement, before or after it is signed.

    Args:
        letterhead: the agency's.
        number: its name.
        made_on: the day on which it was drawn up.
        first_day: when the loan begins.
        borrower, lender: the parties.
        policies: what is insured.
        cost: what the policies cost, line by line; it adds up to cost_cents.
        down_payment_cents, amount_financed_cents, finance_charge_cents, total_of_payments_cents: its figures.
        apr: the annual percentage rate, as written: "12.90%".
        level: the payments in words.
        refund: how unearned finance charge is given back, in words.
        late: what a late installment costs, in words.
        installments: the schedule.
        terms: paragraphs.
        signed: None before the signature.
    """

    letterhead: Letterhead
    number: str
    made_on: date
    first_day: date
    borrower: Party
    lender: Party
    policies: tuple[PolicyLine, ...]
    cost: tuple[Line, ...]
    cost_cents: int
    down_payment_cents: int
    amount_financed_cents: int
    finance_charge_cents: int
    total_of_payments_cents: int
    apr: str
    level: str
    refund: str
    late: str
    installments: tuple[InstallmentLine, ...]
    terms: tuple[str, ...]
    signed: Signed | None = None
    locale: str = "en_US"

    template: ClassVar[str] = "agreement.typ"
    labels: ClassVar[Mapping[str, Text]] = {
        "kind": Text("Premium finance agreement"),
        "number": Text("Agreement"),
        "made_on": Text("Drawn up"),
        "first_day": Text("Loan begins"),
        "borrower": Text("Borrower (you)"),
        "lender": Text("Lender"),
        "agency": Text("Agency"),
        "disclosures": Text("What this loan costs"),
        "apr": Text("Annual percentage rate"),
        "apr_note": Text("The cost of your credit as a yearly rate."),
        "finance_charge": Text("Finance charge"),
        "finance_charge_note": Text("The dollar amount the credit will cost you."),
        "amount_financed": Text("Amount financed"),
        "amount_financed_note": Text("The amount of credit provided to you or on your behalf."),
        "total_of_payments": Text("Total of payments"),
        "total_of_payments_note": Text("What you will have paid when you have made all payments as scheduled."),
        "payments": Text("Your payments"),
        "refund": Text("If you pay early"),
        "late": Text("If you pay late"),
        "itemized": Text("Itemization of the amount financed"),
        "description": Text("Description"),
        "amount": Text("Amount"),
        "cost": Text("Cost of the policies"),
        "down_payment": Text("Down payment"),
        "policies": Text("Policies"),
        "policy_number": Text("Policy number"),
        "carrier": Text("Carrier"),
        "coverage": Text("Coverage"),
        "term": Text("Term"),
        "schedule": Text("Payment schedule"),
        "due_on": Text("Due"),
        "payment": Text("Payment"),
        "interest": Text("Interest"),
        "principal": Text("Principal"),
        "balance": Text("Balance"),
        "terms": Text("Terms"),
        "signature": Text("Signature"),
        "unsigned": Text("This agreement is not signed yet."),
        "signed_by": Text("Signed by"),
        "signed_at": Text("Signed"),
        "from": Text("From"),
        "browser": Text("Browser"),
        "consent": Text("Consent to electronic records"),
        "hash": Text("SHA-256 of the agreement that was read and signed"),
        "logo": Text("Logo"),
    }

    @property
    def title(self) -> Text:
        """The document's title, as readers and screen readers announce it."""
        return Text(
            "Premium finance agreement %(number)s from %(agency)s",
            {"number": self.number, "agency": self.letterhead.agency_name},
        )

    @property
    def dated(self) -> date:
        """The day the document speaks of: the same agreement always makes the same file."""
        return self.made_on

    @property
    def filename(self) -> str:
        """A name to save it by."""
        return f"agreement-{self.number}.pdf"


@cache
def standard_terms() -> str:
    """The terms that agreements have until an agency writes its own: a beginning for counsel, not legal advice."""
    return (Path(__file__).parent / "standard_terms.txt").read_text(encoding="utf-8")


def paragraphs(body: str) -> tuple[str, ...]:
    """Terms as paragraphs: blank lines part them."""
    return tuple(" ".join(block.split()) for block in body.split("\n\n") if block.strip())
