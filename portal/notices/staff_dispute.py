"""Tells staff that a payer's bank wants a payment back."""

from dataclasses import dataclass
from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient


@dataclass(frozen=True, slots=True)
class Disputed:
    """A dispute as staff read of it.

    Args:
        kind: returned, inquiry or dispute.
        due_on: until when evidence can be handed in; None when there is nothing to hand in.
    """

    kind: str
    amount_cents: int
    payer: str
    reference: str
    method: Text | str
    due_on: date | None


SUBJECTS = {
    "returned": text("Bank debit returned: %(amount)s from %(payer)s"),
    "inquiry": text("A card's bank asks about %(amount)s from %(payer)s"),
    "dispute": text("Payment disputed: %(amount)s from %(payer)s"),
}


def staff_dispute(recipient: Recipient, letterhead: Letterhead, about: Disputed, *, matter_url: str) -> Message:
    """Make the mail to a staff member who may move money.

    Args:
        matter_url: absolute address of what waits for staff.
    """
    values = {"amount": format_money(about.amount_cents), "payer": about.payer}
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=Text(SUBJECTS[about.kind].message, values),
        template="staff_dispute",
        context={"about": about, "matter_url": matter_url},
    )
