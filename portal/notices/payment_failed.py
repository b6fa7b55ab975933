"""Tells the payer that a payment did not go through, and how to try again."""

from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient


def payment_failed(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    amount_cents: int,
    failed_on: date,
    what: Text | str,
    method: Text | str,
    reason: Text | str,
    due_on: date | None,
    retry_url: str,
    is_bank_debit: bool = False,
) -> Message:
    """Make the mail about a failed payment; no money moved.

    Args:
        recipient: who tried to pay, or whose autopay it was.
        letterhead: the agency's.
        amount_cents: what was to be charged, fee included.
        failed_on: the agency's calendar day.
        what: the invoice or program it was for.
        method: "Visa ••4242".
        reason: what the bank said, in words for people.
        due_on: when the money is due; None if nothing has a date.
        retry_url: absolute address of the payment page.
        is_bank_debit: the payer's bank has sent it back, days after it was asked.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text(
            "Your payment of %(amount)s on %(date)s did not go through",
            amount=format_money(amount_cents),
            date=failed_on,
        ),
        template="payment_failed",
        kind="payment_failed",
        facts={"amount": format_money(amount_cents), "date": failed_on, "program": what},
        context={
            "amount_cents": amount_cents,
            "failed_on": failed_on,
            "what": what,
            "method": method,
            "reason": reason,
            "due_on": due_on,
            "retry_url": retry_url,
            "is_bank_debit": is_bank_debit,
        },
    )
