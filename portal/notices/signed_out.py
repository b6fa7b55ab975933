"""Tells an insured that the agency has signed them out."""

from portal.core.text import text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient


def signed_out(recipient: Recipient, letterhead: Letterhead, *, sign_in_url: str) -> Message:
    """Make the mail.

    Args:
        recipient: the insured, at the address that was signed in.
        letterhead: the agency's.
        sign_in_url: absolute address of the sign-in.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("You were signed out"),
        template="signed_out",
        context={"sign_in_url": sign_in_url},
    )
