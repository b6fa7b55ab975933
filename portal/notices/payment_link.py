"""Sends a payment link: from the agency, or from an insured who has someone else pay."""

from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient


def payment_link(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    amount_cents: int,
    due_on: date,
    what: Text | str,
    payment_url: str,
    sent_by: str = "",
) -> Message:
    """Make the mail with the link.

    Args:
        recipient: who is asked to pay.
        letterhead: the agency's.
        amount_cents: open now.
        due_on: the agency's calendar day.
        what: the program or invoice, as the reader may know it.
        payment_url: absolute address of the payment link.
        sent_by: the insured who asks them; empty when the agency does.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("%(amount)s is due on %(date)s", amount=format_money(amount_cents), date=due_on),
        template="payment_link",
        kind="" if sent_by else "payment_link",
        facts={"amount": format_money(amount_cents), "date": due_on, "program": what},
        context={
            "amount_cents": amount_cents,
            "due_on": due_on,
            "what": what,
            "payment_url": payment_url,
            "sent_by": sent_by,
        },
    )
