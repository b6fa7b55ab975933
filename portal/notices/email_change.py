"""The mails about an insured's new e-mail address: two that ask, one to each mailbox, and two that tell."""

from portal.core.text import text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient


def confirm_address(
    recipient: Recipient, letterhead: Letterhead, *, old: str, new: str, is_new: bool, link: str, hours: int = 24
) -> Message:
    """Ask one of the two mailboxes.

    Args:
        recipient: the old or the new address.
        letterhead: the agency's.
        old: the address now.
        new: the address to be.
        is_new: whether this is the mail to the new one.
        link: absolute address of the page with "Yes" and "No, this was not me".
        hours: how long it works.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("Confirm your new e-mail address") if is_new else text("Is your e-mail address to be changed?"),
        template="email_change_asked",
        context={"old": old, "new": new, "is_new": is_new, "link": link, "hours": hours},
    )


def address_changed(recipient: Recipient, letterhead: Letterhead, *, old: str, new: str, sign_in_url: str) -> Message:
    """Tell one of the two mailboxes that it is done.

    Args:
        recipient: the old or the new address.
        letterhead: the agency's.
        old: the address until now; empty if there was none.
        new: the address from now on.
        sign_in_url: absolute address of the sign-in.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("Your e-mail address was changed") if old else text("You can now see your insurance online"),
        template="email_change_done",
        context={"old": old, "new": new, "is_new": recipient.address == new, "sign_in_url": sign_in_url},
    )
