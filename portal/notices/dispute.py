"""Tells the payer that their bank returned a debit, what is open again, and how to pay it."""

from dataclasses import dataclass
from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead, Line
from portal.notices.message import Message, Recipient


@dataclass(frozen=True, slots=True)
class Returned:
    """A bank debit that came back.

    Args:
        amount_cents: of the debit.
        method: the account.
        returned_on: the agency's calendar day.
        reason: in words for the payer.
        lines: what is open again, one for each invoice.
        open_cents: what is open on these invoices now.
    """

    amount_cents: int
    method: Text | str
    returned_on: date
    reason: Text
    lines: tuple[Line, ...]
    open_cents: int


def payment_returned(recipient: Recipient, letterhead: Letterhead, debit: Returned, *, pay_url: str) -> Message:
    """Make the mail to the payer: what happened, what is open again, and how to pay it.

    Args:
        pay_url: absolute address where what is open can be paid.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("Your bank returned your payment of %(amount)s", amount=format_money(debit.amount_cents)),
        template="payment_returned",
        kind="payment_returned",
        facts={"amount": format_money(debit.amount_cents), "date": debit.returned_on},
        context={"debit": debit, "pay_url": pay_url},
    )
