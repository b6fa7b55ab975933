"""Tells a partner's user about their own access: how to come in, and what has changed."""

from typing import Literal

from portal.core.text import Text, text
from portal.documents.letterhead import Letterhead
from portal.notices.message import Message, Recipient

ROLE_WORDS: dict[str, Text] = {
    "view": text("may look"),
    "pay": text("may look and pay"),
    "admin": text("may look, pay and manage users"),
}


def partner_welcome(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    partner: str,
    role: str,
    news: Literal["welcome", "invited"],
    sign_in_url: str,
    help_url: str,
    does: tuple[bool, bool],
) -> Message:
    """Make the mail to the contact of a new partner, or to somebody who was invited.

    Args:
        recipient: who may come in now.
        letterhead: the agency's.
        partner: its name.
        role: view, pay or admin.
        news: `welcome` for the contact, whom nobody of the partner has invited.
        sign_in_url: absolute address of the partner's start page, which asks to sign in.
        help_url: absolute address of the page that explains the portal to partners.
        does: whether the partner pays agency-bill invoices, and whether it receives commissions.
    """
    subject = text("Your account with %(agency)s", agency=letterhead.agency_name)
    if news == "invited":
        subject = text("You can now work with %(agency)s online", agency=letterhead.agency_name)
    context = {
        "partner": partner,
        "role": ROLE_WORDS[role],
        "is_contact": news == "welcome",
        "sign_in_url": sign_in_url,
        "help_url": help_url,
        "pays": does[0],
        "earns": does[1],
    }
    return Message(recipient, letterhead, subject, "partner_welcome", context)


def partner_news(
    recipient: Recipient,
    letterhead: Letterhead,
    *,
    partner: str,
    role: str,
    news: Literal["role_changed", "removed"],
    home_url: str,
) -> Message:
    """Make the mail about something that has happened to somebody's access.

    Args:
        recipient: whose.
        letterhead: the agency's.
        partner: its name.
        role: view, pay or admin.
        news: what has happened.
        home_url: absolute address of the partner's start page.
    """
    subject, sentence = {
        "role_changed": (
            text("What you may do for %(partner)s has changed", partner=partner),
            text("An admin has changed what you may do for %(partner)s here.", partner=partner),
        ),
        "removed": (
            text("You no longer come in for %(partner)s", partner=partner),
            text("An admin has ended your access for %(partner)s.", partner=partner),
        ),
    }[news]
    context = {
        "sentence": sentence,
        "role": ROLE_WORDS[role] if news == "role_changed" else None,
        "home_url": home_url if news == "role_changed" else "",
    }
    return Message(recipient, letterhead, subject, "partner_news", context)
