"""The sign-in mail: a button for this browser, a code for any other."""

from portal.core.text import text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient


def sign_in(recipient: Recipient, letterhead: Letterhead, *, link: str, code: str, minutes: int = 10) -> Message:
    """Make the sign-in mail.

    Args:
        recipient: who asked.
        letterhead: the agency's.
        link: absolute address of the page with the "Sign in" button.
        code: six digits, to type into the waiting page.
        minutes: how long both work.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("Sign in to %(agency)s", agency=letterhead.agency_name),
        template="sign_in",
        context={"link": link, "code": f"{code[:3]} {code[3:]}", "minutes": minutes},
    )
