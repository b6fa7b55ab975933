"""Tells the insured that a fee was added, for which installment, and how to pay both."""

from dataclasses import dataclass
from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient


@dataclass(frozen=True, slots=True)
class FeeAdded:
    """A fee on an installment.

    Args:
        is_late_fee: the installment is late; else a payment of it came back.
        what: the installment.
        was_due_on: its due date.
        installment_cents: still open on it.
        fee_cents: the fee.
    """

    is_late_fee: bool
    what: Text | str
    was_due_on: date
    installment_cents: int
    fee_cents: int

    @property
    def total_cents(self) -> int:
        """Both."""
        return self.installment_cents + self.fee_cents


def late_fee(recipient: Recipient, letterhead: Letterhead, fee: FeeAdded, *, pay_url: str) -> Message:
    """Make the mail.

    Args:
        recipient: the insured.
        letterhead: the agency's.
        pay_url: absolute address where it can be paid.
    """
    amount = format_money(fee.fee_cents)
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text(
            "A late fee of %(amount)s was added: your payment was due %(date)s", amount=amount, date=fee.was_due_on
        )
        if fee.is_late_fee
        else text(
            "A fee of %(amount)s was added: a payment due %(date)s came back", amount=amount, date=fee.was_due_on
        ),
        template="late_fee",
        kind="late_fee" if fee.is_late_fee else "",
        facts={"amount": amount, "date": fee.was_due_on},
        context={"fee": fee, "pay_url": pay_url},
    )
