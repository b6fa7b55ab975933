"""Tells a staff member what has happened to their own account: so that they notice what they did not do."""

from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient

SUBJECTS: dict[str, Text] = {
    "recovery_code_used": text("A recovery code was used to sign in"),
    "factor_added": text("A second step was added to your account"),
    "factor_removed": text("A second step was removed from your account"),
    "factors_reset": text("Your second step was reset"),
    "role_changed": text("Your role has changed"),
    "signed_out": text("You were signed out"),
    "keys_set": text("The keys of the payment processor were changed"),
    "pay_by_hand_set": text("Where checks and wires go was changed"),
    "host_lost": text("A host of your own no longer leads to the portal"),
}
SENTENCES: dict[str, Text] = {
    "recovery_code_used": text("Someone signed in as you with one of your recovery codes. The code is used up."),
    "factor_added": text("Your account can now be opened with one more authenticator app or passkey."),
    "factor_removed": text("An authenticator app or passkey no longer opens your account."),
    "factors_reset": text("An admin has reset your second step. You set up a new one when you next sign in."),
    "role_changed": text("An admin has changed what you may do here."),
    "signed_out": text("An admin has signed you out of every browser. You can sign in again at any time."),
    "keys_set": text("Payments now go through the account that these keys open. The audit says who set them."),
    "pay_by_hand_set": text("Every invoice now shows other details for checks and wires. The audit says who set them."),
    "host_lost": text(
        "Customers do not reach you there, and the links in your mails still lead there. “Needs attention” says "
        "which host it is, and what you can do."
    ),
}
NOBODYS_DOING = frozenset({"host_lost"})
"""What no person has done: nobody is asked whether they expected it."""


def staff_welcome(recipient: Recipient, letterhead: Letterhead, *, sign_in_url: str, role: Text) -> Message:
    """Make the mail to someone who was just added to the staff.

    Args:
        recipient: the new member.
        letterhead: the agency's.
        sign_in_url: absolute address of the staff's start page.
        role: its name.
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=text("You now work with the payment portal of %(agency)s", agency=letterhead.agency_name),
        template="staff_welcome",
        context={"sign_in_url": sign_in_url, "role": role},
    )


def staff_news(recipient: Recipient, letterhead: Letterhead, *, news: str, account_url: str) -> Message:
    """Make the mail about something that has happened.

    Args:
        recipient: whose account it is.
        letterhead: the agency's.
        news: a key of `SUBJECTS`.
        account_url: absolute address of "Your account".
    """
    return Message(
        recipient=recipient,
        letterhead=letterhead,
        subject=SUBJECTS[news],
        template="staff_news",
        context={"sentence": SENTENCES[news], "account_url": account_url, "is_done": news not in NOBODYS_DOING},
    )
