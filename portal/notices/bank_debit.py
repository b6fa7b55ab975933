"""Tells the payer that their bank is being asked, by when it answers, and what they have authorized: their copy."""

from dataclasses import dataclass
from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient


@dataclass(frozen=True, slots=True)
class Debit:
    """A bank debit that was sent.

    Args:
        reference: of the payment.
        amount_cents: what is debited, fee included.
        method: the bank and the account's last four digits.
        what: the invoice or program it is for.
        authorized_on: the agency's calendar day.
        expected_on: by when the bank has usually answered.
        authorization: what the payer has agreed to, by paragraph, in the language in which they read it.
        is_under_way: the bank has not answered yet; else the mail is the copy alone.
    """

    reference: str
    amount_cents: int
    method: Text | str
    what: Text | str
    authorized_on: date
    expected_on: date
    authorization: tuple[str, ...]
    is_under_way: bool


def bank_debit(recipient: Recipient, letterhead: Letterhead, debit: Debit, *, view_url: str) -> Message:
    """Make the mail.

    Args:
        recipient: who has authorized it.
        letterhead: the agency's.
        view_url: absolute address of the payment's page.
    """
    amount = format_money(debit.amount_cents)
    under_way = text("We are asking your bank for %(amount)s", amount=amount)
    copy = text("Your authorization of a bank debit of %(amount)s", amount=amount)
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=under_way if debit.is_under_way else copy,
        template="bank_debit",
        kind="bank_debit" if debit.is_under_way else "",
        facts={"amount": amount, "date": debit.expected_on, "program": debit.what},
        context={"debit": debit, "view_url": view_url},
    )
