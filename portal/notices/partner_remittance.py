"""The mail about a payout of commission, with its remittance and deductions report attached."""

from portal.core.money import format_money
from portal.core.text import text
from portal.documents.remittance import Remittance
from portal.notices.message import Attachment, Message, Recipient


def partner_remittance(recipient: Recipient, remittance: Remittance, *, pdf: bytes, view_url: str) -> Message:
    """Make the mail.

    Args:
        recipient: the partner's contact.
        remittance: what the payout says.
        pdf: the same as rendered.
        view_url: absolute address of the partner's commissions.
    """
    return Message(
        recipient=recipient,
        letterhead=remittance.letterhead,
        subject=text(
            "Commission of %(amount)s paid on %(date)s",
            amount=format_money(remittance.total_cents),
            date=remittance.dated,
        ),
        template="partner_remittance",
        context={"remittance": remittance, "view_url": view_url},
        attachments=(Attachment(remittance.filename, "application/pdf", pdf),),
    )
