"""The notice of intent to cancel for non-payment, as a document.

It is written in English only, as the agreement is: the English text binds, and a notice for somebody who reads Spanish
says so and sums it up. Its labels are therefore plain `Text`s, which no catalogue holds; the summary is translated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import ClassVar

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead, Line, Party, PolicyLine

VERSION = "1"
"""Of the text: `notice_text_1.txt`. What was sent keeps its own; another text is another file."""


@dataclass(frozen=True, slots=True)
class CancelNoticeDocument:
    """A notice.

    Args:
        letterhead: the agency's.
        number: its name.
        dated_on: the day on which it is sent or mailed.
        pay_by: the last day on which it can be paid.
        insured: whom it is addressed to.
        lender: who lends.
        agreement: its number.
        lines: the installments that are past due; they add up to past_due_cents.
        policies: what can be canceled.
        copies: who else gets one, in words.
        terms: paragraphs, in English.
        by_post: it goes in a window envelope.
        payment_url: the payment link for the QR code.
    """

    letterhead: Letterhead
    number: str
    dated_on: date
    pay_by: date
    insured: Party
    lender: Party
    agreement: str
    lines: tuple[Line, ...]
    past_due_cents: int
    policies: tuple[PolicyLine, ...]
    copies: tuple[str, ...]
    terms: tuple[str, ...]
    by_post: bool
    payment_url: str
    locale: str = "en_US"
    summary: Text | str = ""

    template: ClassVar[str] = "cancel_notice.typ"
    labels: ClassVar[Mapping[str, Text]] = {
        "kind": Text("Notice of intent to cancel"),
        "number": Text("Notice"),
        "dated_on": Text("Date"),
        "mailed_on": Text("Mailed"),
        "agreement": Text("Agreement"),
        "lender": Text("Lender"),
        "past_due": Text("Past due"),
        "pay_by": Text("Pay by"),
        "why": Text("for non-payment of premium finance installments"),
        "description": Text("Description"),
        "amount": Text("Amount"),
        "total": Text("Past-due amount"),
        "policies": Text("Policies that can be canceled"),
        "policy_number": Text("Policy number"),
        "carrier": Text("Carrier"),
        "coverage": Text("Coverage"),
        "term": Text("Term"),
        "notice": Text("What this means"),
        "how_to_pay": Text("How to pay"),
        "scan": Text("Scan the code with your phone, or open this link:"),
        "qr": Text("QR code that opens the payment page"),
        "copies": Text("Copies"),
        "logo": Text("Logo"),
    }

    @property
    def title(self) -> Text:
        """The document's title, as readers and screen readers announce it."""
        return Text(
            "Notice of intent to cancel %(number)s from %(agency)s",
            {"number": self.number, "agency": self.letterhead.agency_name},
        )

    @property
    def dated(self) -> date:
        """The day the document speaks of: the same notice always makes the same file."""
        return self.dated_on

    @property
    def filename(self) -> str:
        """A name to save it by."""
        return f"notice-{self.number}.pdf"


@cache
def notice_text(version: str) -> str:
    """The text of a version."""
    return (Path(__file__).parent / f"notice_text_{version}.txt").read_text(encoding="utf-8")


def summary_in_spanish(past_due_cents: int, pay_by: date) -> Text:
    """What stands above the notice for somebody who reads Spanish; the English text binds."""
    return text(
        "This is a legal notice. The English text below is the one that counts. Pay %(amount)s by %(date)s, or your "
        "policies can be canceled. Please call us if you need help.",
        amount=format_money(past_due_cents),
        date=pay_by,
    )
