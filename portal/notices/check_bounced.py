"""Tells the payer that the bank did not pay their check, what is open again, and how to pay it."""

from dataclasses import dataclass
from datetime import date

from portal.core.money import format_money
from portal.core.text import text
from portal.documents.letterhead import Letterhead, Line
from portal.notices.message import Message, Recipient


@dataclass(frozen=True, slots=True)
class Bounced:
    """A check that came back.

    Args:
        number: of the check.
        amount_cents: of the check.
        returned_on: the agency's calendar day.
        lines: what it had paid, which is open again: one for each invoice.
        open_cents: what is open on these invoices now: more than the check, if it was short.
    """

    number: str
    amount_cents: int
    returned_on: date
    lines: tuple[Line, ...]
    open_cents: int


def check_bounced(recipient: Recipient, letterhead: Letterhead, check: Bounced, *, pay_url: str) -> Message:
    """Make the mail.

    Args:
        recipient: who had sent the check.
        letterhead: the agency's.
        pay_url: absolute address where what is open can be paid.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("Your check of %(amount)s came back", amount=format_money(check.amount_cents)),
        template="check_bounced",
        kind="check_bounced",
        facts={"amount": format_money(check.amount_cents), "date": check.returned_on},
        context={"check": check, "pay_url": pay_url},
    )
