"""The mails to a partner's contact about the month's statement, and about what is overdue."""

from portal.core.money import format_money
from portal.core.text import text
from portal.documents.letterhead import Letterhead
from portal.documents.statement import Statement
from portal.notices.message import Attachment, Message, Recipient


def partner_statement(recipient: Recipient, statement: Statement, *, pdf: bytes, view_url: str) -> Message:
    """Make the mail with the month's statement.

    Args:
        recipient: the partner's contact.
        pdf: the statement as rendered.
        view_url: absolute address of the statement.
    """
    return Message(
        recipient=recipient,
        letterhead=statement.letterhead,
        subject=text("Your statement up to %(date)s", date=statement.last),
        template="partner_statement",
        context={"statement": statement, "view_url": view_url},
        attachments=(Attachment(statement.filename, "application/pdf", pdf),),
    )


def partner_overdue(recipient: Recipient, letterhead: Letterhead, *, count: int, cents: int, view_url: str) -> Message:
    """Make the weekly reminder.

    Args:
        recipient: the partner's contact.
        count: overdue invoices; cents: what is open on them.
        view_url: absolute address of the partner's portal.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("%(amount)s is overdue", amount=format_money(cents)),
        template="partner_overdue",
        context={"count": count, "cents": cents, "view_url": view_url},
    )
