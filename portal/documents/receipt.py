"""The receipt of a payment that succeeded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from portal.core.text import Text, text
from portal.documents.given_back import RefundLine
from portal.documents.letterhead import Letterhead, Line, Party, PolicyLine
from portal.payments.fees import CARD_FEE

ReceiptState = Literal["paid", "clearing", "returned", "refunded", "partly_refunded"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a payer keeps: it was paid, what for, how, and under which name it shows on the statement.

    Args:
        letterhead: the agency's.
        reference: of the payment; people quote it on the phone.
        paid_on: the agency's calendar day.
        insured: whose policies; masked by the caller for third parties. None if the lines name several, as a
            partner's do: they are its remittance.
        payer_name: who paid.
        method: "Visa ••4242", or a check with its number.
        lines: what was paid for, one row per invoice line or per invoice.
        fee_cents: fee on top of the lines, called `fee_label`; 0 shows no row.
        total_cents: charged, fee included.
        statement_descriptor: the name on the card or bank statement; empty if unknown.
        policies: what the lines are about; may be empty.
        balance_cents: still open afterwards, None if this reader is not told.
        state: paid; a check that waits for the bank, or has come back from it; or what of it is given back.
        returned_on: the day on which it came back.
        refunds: what went back since, or is on its way.
        locale: en_US or es_US.
    """

    letterhead: Letterhead
    reference: str
    paid_on: date
    insured: Party | None
    payer_name: str
    method: Text | str
    lines: tuple[Line, ...]
    total_cents: int
    fee_cents: int = 0
    fee_label: Text = CARD_FEE
    statement_descriptor: str = ""
    policies: tuple[PolicyLine, ...] = ()
    balance_cents: int | None = None
    state: ReceiptState = "paid"
    returned_on: date | None = None
    refunds: tuple[RefundLine, ...] = ()
    locale: str = "en_US"

    template: ClassVar[str] = "receipt.typ"
    labels: ClassVar[Mapping[str, Text]] = {
        "kind": text("Receipt"),
        "amount_paid": text("Amount paid"),
        "paid": text("Paid"),
        "clearing": text("Check received"),
        "returned": text("Returned"),
        "returned_on": text("Returned on"),
        "refunded": text("Refunded"),
        "partly_refunded": text("Partly refunded"),
        "refunds": text("Refunds"),
        "date": text("Date"),
        "refunded_to": text("Refunded to"),
        "status": text("Status"),
        "clearing_note": text(
            "The bank has not paid this check yet. If it does not, what the check was for is open again."
        ),
        "returned_note": text("The bank did not pay this check. What it was for is open again."),
        "paid_on": text("Date paid"),
        "paid_by": text("Paid by"),
        "method": text("Payment method"),
        "reference": text("Reference"),
        "statement": text("On your statement"),
        "insured": text("Insured"),
        "what": text("What you paid"),
        "what_for": text("What it was for"),
        "description": text("Description"),
        "amount": text("Amount"),
        "total": text("Total paid"),
        "balance": text("Balance left"),
        "policies": text("Policies"),
        "policy_number": text("Policy number"),
        "carrier": text("Carrier"),
        "coverage": text("Coverage"),
        "term": text("Term"),
        "logo": text("Logo"),
        "questions": text("Questions about this payment? Quote the reference above."),
    }

    @property
    def title(self) -> Text:
        """The document's title, as readers and screen readers announce it."""
        return text(
            "Receipt %(reference)s from %(agency)s", reference=self.reference, agency=self.letterhead.agency_name
        )

    @property
    def dated(self) -> date:
        """The day the document speaks of: the same payment always makes the same file."""
        return self.paid_on

    @property
    def filename(self) -> str:
        """A name to save it by."""
        return f"receipt-{self.reference}.pdf"
