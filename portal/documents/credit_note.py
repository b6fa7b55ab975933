"""The credit note of a refund: what went back, to whom, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead, Line, Party

CreditNoteState = Literal["on_its_way", "done", "stopped"]


@dataclass(frozen=True, slots=True)
class CreditNote:
    """What a payer keeps of a refund.

    Args:
        letterhead: the agency's.
        number: its own, which is the refund's reference.
        refunded_on: the agency's calendar day on which it was asked for.
        payment_reference: of the payment that it gives back.
        paid_on: when that was paid.
        insured: whose invoices; masked by the caller for third parties. None if the lines name several.
        payer_name: who gets the money.
        method: where it goes: the card or account that paid, or how the agency paid it out.
        reason: why.
        lines: what gives it: an invoice each, the card fee, the customer's credit.
        total_cents: all of it.
        state: on its way, done, or stopped because the bank did not take it.
        locale: en_US or es_US.
    """

    letterhead: Letterhead
    number: str
    refunded_on: date
    payment_reference: str
    paid_on: date
    insured: Party | None
    payer_name: str
    method: Text | str
    reason: Text
    lines: tuple[Line, ...]
    total_cents: int
    state: CreditNoteState
    locale: str = "en_US"

    template: ClassVar[str] = "credit_note.typ"
    labels: ClassVar[Mapping[str, Text]] = {
        "kind": text("Credit note"),
        "amount_refunded": text("Amount refunded"),
        "on_its_way": text("On its way"),
        "done": text("Refunded"),
        "stopped": text("Not delivered"),
        "refunded_to": text("Refunded to"),
        "paid_by": text("Paid by"),
        "insured": text("Insured"),
        "payment": text("Payment"),
        "paid_on": text("Date paid"),
        "reason": text("Reason"),
        "what": text("What goes back"),
        "description": text("Description"),
        "amount": text("Amount"),
        "total": text("Total refunded"),
        "when": text("A card shows it within 5 to 10 business days, a bank account within 5."),
        "stopped_note": text("The bank did not take this refund. The amount is kept as credit on your account."),
        "logo": text("Logo"),
        "questions": text("Questions about this refund? Quote the number above."),
    }

    @property
    def title(self) -> Text:
        """The document's title, as readers and screen readers announce it."""
        return text("Credit note %(number)s from %(agency)s", number=self.number, agency=self.letterhead.agency_name)

    @property
    def dated(self) -> date:
        """The day the document speaks of: the same refund always makes the same file."""
        return self.refunded_on

    @property
    def filename(self) -> str:
        """A name to save it by."""
        return f"credit-note-{self.number}.pdf"
