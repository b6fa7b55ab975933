"""The confirmation of a payment, with its receipt attached."""

from portal.core.money import format_money
from portal.core.text import text
from portal.documents.receipt import Receipt
from portal.notices.message import Attachment, Message, Recipient


def payment_receipt(recipient: Recipient, receipt: Receipt, *, pdf: bytes, view_url: str) -> Message:
    """Make the confirmation for the payer.

    Args:
        recipient: the payer.
        receipt: what it says.
        pdf: the receipt as rendered.
        view_url: absolute address where the payment can be looked at again.
    """
    return Message(
        recipient=recipient,
        letterhead=receipt.letterhead,
        subject=text(
            "Receipt: %(amount)s paid on %(date)s", amount=format_money(receipt.total_cents), date=receipt.paid_on
        ),
        template="payment_receipt",
        kind="payment_receipt",
        facts={"amount": format_money(receipt.total_cents), "date": receipt.paid_on},
        context={"receipt": receipt, "view_url": view_url},
        attachments=(Attachment(receipt.filename, "application/pdf", pdf),),
    )
