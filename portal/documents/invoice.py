"""The invoice as a document: what must be paid, by when, how; or that it is paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from portal.core.text import Text, text
from portal.documents.given_back import RefundLine
from portal.documents.letterhead import Letterhead, Line, Party, PolicyLine

InvoiceState = Literal["due", "overdue", "processing", "paid", "void", "closed"]


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment already made on the invoice."""

    paid_on: date
    method: Text | str
    reference: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class OfflineWays:
    """How to pay by check or wire; what is empty is left out.

    Args:
        payable_to: the name a check is made out to.
        mail_to: where checks go, one line each.
        wire: bank details, as (what, value) pairs.
    """

    payable_to: str = ""
    mail_to: tuple[str, ...] = ()
    wire: tuple[tuple[Text | str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """What the insured or partner is asked to pay.

    Args:
        letterhead: the agency's.
        number: the invoice's consecutive number.
        issued_on, due_on: the agency's calendar days.
        insured: who it is about, and addressed to unless a partner pays it.
        lines: what it consists of; they add up to total_cents, and to what the partner who pays keeps.
        gross_cents, kept_cents: the lines together, and that commission; the latter 0 where the insured pays.
        partner: who pays it; None where the insured does.
        total_cents, paid_cents, open_cents: the whole, paid so far, still to pay.
        state: what is shown: only due and overdue ask for money.
        payments: made so far.
        refunds: what of them went back, or is on its way.
        policies: what it is about; may be empty.
        offline: check and wire details, None if the agency takes none.
        payment_url: the payment link for the QR code; empty once nothing can be paid.
        pin: what a third party is asked for besides, at times; empty where there is none.
        locale: en_US or es_US.
    """

    letterhead: Letterhead
    number: str
    issued_on: date
    due_on: date
    insured: Party
    lines: tuple[Line, ...]
    total_cents: int
    paid_cents: int
    open_cents: int
    state: InvoiceState
    gross_cents: int = 0
    kept_cents: int = 0
    partner: Party | None = None
    payments: tuple[PaymentLine, ...] = ()
    refunds: tuple[RefundLine, ...] = ()
    policies: tuple[PolicyLine, ...] = ()
    offline: OfflineWays | None = None
    payment_url: str = ""
    pin: str = ""
    locale: str = "en_US"

    template: ClassVar[str] = "invoice.typ"
    labels: ClassVar[Mapping[str, Text]] = {
        "kind": text("Invoice"),
        "number": text("Invoice number"),
        "issued_on": text("Issued"),
        "due_on": text("Due"),
        "bill_to": text("Bill to"),
        "insured": text("Insured"),
        "amount_due": text("Amount due"),
        "invoice_total": text("Invoice total"),
        "due": text("Payment due"),
        "overdue": text("Overdue"),
        "processing": text("Processing"),
        "paid": text("Paid"),
        "void": text("Void"),
        "closed": text("Closed"),
        "closed_note": text("There is nothing left to pay on it."),
        "void_note": text("This invoice is void. You owe nothing on it."),
        "paid_note": text("Paid in full. Thank you."),
        "processing_note": text("A payment is on its way. Please do not pay again."),
        "lines": text("What this invoice is for"),
        "description": text("Description"),
        "amount": text("Amount"),
        "gross": text("Total before commission"),
        "kept": text("Commission you keep"),
        "total": text("Total"),
        "paid_so_far": text("Paid so far"),
        "payments": text("Payments"),
        "refunds": text("Refunds"),
        "refunded_to": text("Refunded to"),
        "status": text("Status"),
        "date": text("Date"),
        "method": text("Payment method"),
        "reference": text("Reference"),
        "policies": text("Policies"),
        "policy_number": text("Policy number"),
        "carrier": text("Carrier"),
        "coverage": text("Coverage"),
        "term": text("Term"),
        "how_to_pay": text("How to pay"),
        "online": text("Online"),
        "scan": text("Scan the code with your phone, or open this link:"),
        "pin": text("PIN for paying with a policy number:"),
        "qr": text("QR code that opens the payment page"),
        "check": text("By check"),
        "payable_to": text("Payable to"),
        "mail_to": text("Mail to"),
        "memo": text("Write on the check"),
        "wire": text("By wire"),
        "logo": text("Logo"),
    }

    @property
    def title(self) -> Text:
        """The document's title, as readers and screen readers announce it."""
        return text("Invoice %(number)s from %(agency)s", number=self.number, agency=self.letterhead.agency_name)

    @property
    def dated(self) -> date:
        """The day the document speaks of: the same invoice always makes the same file."""
        return self.issued_on

    @property
    def filename(self) -> str:
        """A name to save it by."""
        return f"invoice-{self.number}.pdf"
