"""Tells the payer that a card payment is disputed, and how that ended: what it means for what was paid."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead, Line
from portal.notices.message import Message, Recipient

News = Literal["opened", "won", "lost"]
SUBJECTS: dict[News, Text] = {
    "opened": text("Your payment of %(amount)s is disputed at your bank"),
    "won": text("Your payment of %(amount)s stands: the dispute is over"),
    "lost": text("Your payment of %(amount)s went back to you: the dispute is over"),
}
HEADINGS: dict[News, Text] = {
    "opened": text("Your bank took this payment back"),
    "won": text("The dispute is over: your payment stands"),
    "lost": text("The dispute is over: you have your money back"),
}
WORDS: dict[News, Text] = {
    "opened": text("Somebody told the bank of this card that the payment is not right. The bank will now decide."),
    "won": text("The bank of your card has given the money back to us."),
    "lost": text("The bank of your card decided for you. We do not have this payment any more."),
}


@dataclass(frozen=True, slots=True)
class DisputedPayment:
    """A disputed payment as its payer reads of it.

    Args:
        news: what has happened.
        amount_cents: that the dispute is about.
        method: the card.
        reference: of the payment.
        paid_on: the agency's calendar day.
        lines: what it had paid, one for each invoice.
        open_cents: what is open on these invoices now.
        credit_cents: what came back after these invoices had been paid another way: the payer's credit.
    """

    news: News
    amount_cents: int
    method: Text | str
    reference: str
    paid_on: date
    lines: tuple[Line, ...]
    open_cents: int
    credit_cents: int

    @property
    def heading(self) -> Text:
        """The mail's first line."""
        return HEADINGS[self.news]

    @property
    def words(self) -> Text:
        """What happened at the bank."""
        return WORDS[self.news]

    @property
    def meaning(self) -> Text:
        """What that means for the invoices."""
        if self.credit_cents:
            return text(
                "You had paid it another way by then, so %(amount)s are credit on your account. "
                "Call us: we use it for you, or send it back.",
                amount=format_money(self.credit_cents),
            )
        if not self.open_cents:
            return text("What it was for is paid. There is nothing that you need to do.")
        if self.news == "opened":
            return text(
                "Until then, what it was for is open again. Was the dispute a mistake? Ask your bank to stop it, "
                "and call us. If not, please pay another way."
            )
        return text("What it was for is open. Please pay it.")


def dispute_news(
    recipient: Recipient, letterhead: Letterhead, payment: DisputedPayment, *, pay_url: str, view_url: str
) -> Message:
    """Make the mail.

    Args:
        pay_url: absolute address where what is open can be paid.
        view_url: absolute address where the payment can be looked at.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=Text(SUBJECTS[payment.news].message, {"amount": format_money(payment.amount_cents)}),
        template="dispute_news",
        context={"payment": payment, "pay_url": pay_url, "view_url": view_url},
    )
