"""Tells an insured what has happened to their saved payment methods: so that they notice what they did not do."""

from datetime import date

from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient

SUBJECTS: dict[str, Text] = {
    "added": text("A payment method was added"),
    "removed": text("A payment method was removed"),
    "disabled": text("A payment method can no longer be used"),
    "deposits": text("One more step for your bank account"),
    "unverified": text("Your bank account was not added"),
}
SENTENCES: dict[str, Text] = {
    "added": text(
        "You can now pay with it in a few taps. We keep only what names it; the card processor keeps the rest."
    ),
    "removed": text("It is no longer kept. Nothing is paid with it from now on."),
    "disabled": text("Your bank sent a payment from it back. Please add another one before your next payment is due."),
    "deposits": text("Two small deposits are on their way to it. They show that the account is yours."),
    "unverified": text("We could not make sure that the account is yours. You can add it again at any time."),
}


def method_news(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    news: str,
    method: Text | str,
    methods_url: str,
    verify_url: str = "",
    deposits_on: date | None = None,
) -> Message:
    """Make the mail.

    Args:
        recipient: whose method it is.
        letterhead: the agency's.
        news: a key of `SUBJECTS`.
        method: what people call it, like "Visa ••4242".
        methods_url: absolute address of "Payment methods".
        verify_url: absolute address where the deposits are typed; for the news "deposits" alone.
        deposits_on: when they arrive.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=SUBJECTS[news],
        template="method_news",
        context={
            "news": news,
            "sentence": SENTENCES[news],
            "method": method,
            "methods_url": methods_url,
            "verify_url": verify_url,
            "deposits_on": deposits_on,
        },
    )
