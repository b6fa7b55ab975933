"""Tells whoever signed that their loan has begun: the signed agreement, and when which installment is due."""

from collections.abc import Sequence
from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Attachment, Message, Recipient


def loan_bound(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    number: str,
    lender: str,
    installments: Sequence[tuple[Text | str, date, int]],
    pdf: bytes,
    program_url: str,
) -> Message:
    """Make the mail.

    Args:
        recipient: who signed.
        letterhead: the agency's.
        number: of the agreement.
        installments: what each is called, when it is due, its cents; in order.
        pdf: the signed agreement, as it is kept.
        program_url: absolute address of the program.
    """
    _, first_due, cents = installments[0]
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text(
            "Your loan has begun: the first installment of %(amount)s is due %(date)s",
            amount=format_money(cents),
            date=first_due,
        ),
        template="loan_bound",
        kind="loan_bound",
        facts={"amount": format_money(cents), "date": first_due},
        context={"number": number, "lender": lender, "installments": installments, "program_url": program_url},
        attachments=(Attachment(f"agreement-{number}.pdf", "application/pdf", pdf),),
    )
