"""Tells the insured that somebody else has paid for them: their own items only."""

from datetime import date

from portal.core.money import format_money
from portal.core.text import text
from portal.documents.letterhead import Letterhead, Line
from portal.notices.message import Message, Recipient


def paid_by_third_party(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    payer_name: str,
    paid_on: date,
    lines: tuple[Line, ...],
    view_url: str,
) -> Message:
    """Make the mail to one insured.

    Args:
        recipient: the insured.
        letterhead: the agency's.
        payer_name: as the payer wrote it.
        paid_on: the agency's calendar day.
        lines: this insured's items of the payment, and no others; card fees are the payer's own.
        view_url: absolute address of the insured's program or home.
    """
    total_cents = sum(line.amount_cents for line in lines)
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("%(amount)s was paid for you on %(date)s", amount=format_money(total_cents), date=paid_on),
        template="paid_by_third_party",
        kind="paid_by_third_party",
        facts={"amount": format_money(total_cents), "date": paid_on},
        context={
            "payer_name": payer_name,
            "paid_on": paid_on,
            "lines": lines,
            "total_cents": total_cents,
            "view_url": view_url,
        },
    )
