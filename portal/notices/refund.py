"""Mails about a refund: it is on its way, with its credit note; or it could not be delivered."""

from portal.core.money import format_money
from portal.core.text import text
from portal.documents.credit_note import CreditNote
from portal.notices.message import Attachment, Message, Recipient


def refund_sent(recipient: Recipient, note: CreditNote, *, pdf: bytes, is_by_hand: bool, view_url: str) -> Message:
    """Make the mail that money goes back.

    Args:
        recipient: who gets it.
        note: what the credit note says.
        pdf: the credit note as rendered.
        is_by_hand: the agency has paid it out itself, not back to the card or account.
        view_url: absolute address where the payment can be looked at.
    """
    return Message(
        recipient=recipient,
        letterhead=note.letterhead,
        subject=text("Your refund of %(amount)s is on its way", amount=format_money(note.total_cents)),
        template="refund_sent",
        kind="refund_sent",
        facts={"amount": format_money(note.total_cents), "date": note.refunded_on},
        context={"note": note, "is_by_hand": is_by_hand, "view_url": view_url},
        attachments=(Attachment(note.filename, "application/pdf", pdf),),
    )


def refund_failed(recipient: Recipient, note: CreditNote, *, view_url: str) -> Message:
    """Make the mail that the payer's bank did not take it: the money is kept for them.

    Args:
        recipient: whose money it is.
        note: what the credit note says.
        view_url: absolute address where the payment can be looked at.
    """
    return Message(
        recipient=recipient,
        letterhead=note.letterhead,
        subject=text("Your refund of %(amount)s came back to us", amount=format_money(note.total_cents)),
        template="refund_failed",
        context={"note": note, "view_url": view_url},
    )
