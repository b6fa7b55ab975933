"""Sends the insured their payment link, because somebody with the policy number and ZIP asked for it."""

from portal.core.text import text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient


def guest_link(recipient: Recipient, letterhead: Letterhead, *, payment_url: str) -> Message:
    """Make the mail. It names no policy and no amount: whoever asked may not be who they say.

    Args:
        recipient: the insured.
        letterhead: the agency's.
        payment_url: absolute address of the payment link.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("Your payment link from %(agency)s", agency=letterhead.agency_name),
        template="guest_link",
        context={"payment_url": payment_url},
    )
