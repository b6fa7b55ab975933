"""A partner's monthly statement: what it owes, what it earned, and how old what is open is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead, Party


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of the month.

    Args:
        number: of the invoice, policy or payout; empty if it is about none.
        amount_cents: positive for more that is owed: by the partner, or to it where commission is meant.
    """

    day: date
    what: Text
    number: str
    insured: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What a partner reads of a month.

    Args:
        number: what it is called: the partner's and the month.
        first, last: the month's days.
        aging_cents: what is open: not due, to 30, to 60, to 90 days past due, older.
        owes: there is a part about agency bill; earns: one about commission.
        locale: en_US or es_US.
    """

    letterhead: Letterhead
    number: str
    first: date
    last: date
    partner: Party
    opening_cents: int
    invoiced_cents: int
    paid_cents: int
    credited_cents: int
    closing_cents: int
    lines: tuple[StatementLine, ...]
    aging_cents: tuple[int, ...]
    commission_opening_cents: int
    commission_accrued_cents: int
    commission_paid_cents: int
    commission_closing_cents: int
    commissions: tuple[StatementLine, ...]
    owes: bool
    earns: bool
    locale: str = "en_US"

    template: ClassVar[str] = "statement.typ"
    labels: ClassVar[Mapping[str, Text]] = {
        "kind": text("Statement"),
        "owed": text("You owe at the month's end"),
        "earned": text("Commission owed to you at the month's end"),
        "partner": text("For"),
        "period": text("Period"),
        "agency_bill": text("Invoices and payments"),
        "opening": text("Opening balance"),
        "invoices": text("Invoices"),
        "payments": text("Payments"),
        "credits": text("Credits"),
        "closing": text("Closing balance"),
        "commission": text("Commission"),
        "accrued": text("Earned, less what was taken back"),
        "paid_out": text("Paid out"),
        "aging": text("What is open, by age"),
        "age_0": text("Not due yet"),
        "age_1": text("1–30 days past due"),
        "age_2": text("31–60 days"),
        "age_3": text("61–90 days"),
        "age_4": text("Over 90 days"),
        "date": text("Date"),
        "what": text("What"),
        "number": text("Number"),
        "insured": text("Insured"),
        "amount": text("Amount"),
        "nothing": text("Nothing in this month."),
        "logo": text("Logo"),
        "questions": text("Questions about this statement? Quote the number above."),
    }

    @property
    def title(self) -> Text:
        """The document's title, as readers and screen readers announce it."""
        return text("Statement %(number)s from %(agency)s", number=self.number, agency=self.letterhead.agency_name)

    @property
    def dated(self) -> date:
        """The day the document speaks of: the same statement always makes the same file."""
        return self.last

    @property
    def filename(self) -> str:
        """A name to save it by."""
        return f"statement-{self.number}.pdf"
