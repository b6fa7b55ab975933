"""Sends the notice of intent to cancel: how much, by when, what happens otherwise, with the PDF."""

from datetime import date
from typing import Literal

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
    copy_for: Literal["", "agency", "partner"] = "",
) -> Message:
    """Make the mail.

    Args:
        recipient: the insured, or who gets a copy.
        number: of the notice.
        insured: whose policies.
        amount_cents: past due.
        pay_by: the last day on which it can be paid.
        pdf: the notice as it is kept.
        pay_url: absolute address of the payment link.
        copy_for: whom it is a copy for: the agency, or the retailer behind the program.
    """
    amount = format_money(amount_cents)
    subject = text("Pay %(amount)s by %(date)s to keep your coverage", amount=amount, date=pay_by)
    if copy_for:
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
            "copy_for": copy_for,
        },
        attachments=(Attachment(f"notice-{number}.pdf", "application/pdf", pdf),),
    )
