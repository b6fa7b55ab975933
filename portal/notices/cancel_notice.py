"""Sends the notice of intent to cancel: how much, by when, what happens otherwise, with the PDF."""

from datetime import date

from portal.core.money import format_money
from portal.core.text import text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Attachment, Message, Recipient


def cancel_notice(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    number: str,
    insured: str,
    amount_cents: int,
    pay_by: date,
    pdf: bytes,
    pay_url: str,
    is_copy: bool = False,
) -> Message:
    """Make the mail.

    Args:
        recipient: the insured, or the agency.
        number: of the notice.
        insured: whose policies.
        amount_cents: past due.
        pay_by: the last day on which it can be paid.
        pdf: the notice as it is kept.
        pay_url: absolute address of the payment link.
        is_copy: for the agency.
    """
    amount = format_money(amount_cents)
    subject = text("Pay %(amount)s by %(date)s to keep your coverage", amount=amount, date=pay_by)
    if is_copy:
        subject = text("Copy: notice of intent to cancel for %(name)s", name=insured)
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=subject,
        template="cancel_notice",
        context={
            "number": number,
            "insured": insured,
            "amount_cents": amount_cents,
            "pay_by": pay_by,
            "pay_url": pay_url,
            "is_copy": is_copy,
        },
        attachments=(Attachment(f"notice-{number}.pdf", "application/pdf", pdf),),
    )
