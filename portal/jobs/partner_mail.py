"""Mails to partners' users about their own access, from their outbox rows."""

from collections.abc import Callable

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.notices.message import Message, Recipient
from portal.notices.partner_news import partner_news, partner_welcome
from portal.partners.models import Partner, PartnerUser
from portal.partners.news import News
from portal.partners.transitions import LET_IN


def contact_of(session: Scoped, agency: Agency, partner_id: int) -> Recipient:
    """The contact of a partner, who gets its mails, in the language they read if they come in too."""
    partner = session.get_one(Partner, partner_id)
    user = select(PartnerUser.locale).where(
        PartnerUser.partner_id == partner_id, PartnerUser.email == partner.contact_email
    )
    name = f"{partner.contact_first_name} {partner.contact_last_name}"
    return Recipient(partner.contact_email, name, session.scalar(user) or agency.locale)


def partner_message(
    session: Scoped, agency: Agency, user_id: int, news: News, url_for: Callable[..., str]
) -> Message | None:
    """The mail about what has happened; None when it is so no longer.

    Args:
        session: a read unit.
        news: what has happened.
        url_for: makes the absolute address of an endpoint in the agency's portal.
    """
    user = session.get_one(PartnerUser, user_id)
    partner = session.get_one(Partner, user.partner_id)
    if (user.state in LET_IN) == (news == "removed"):
        return None
    recipient = Recipient(user.email, f"{user.first_name} {user.last_name}".strip(), user.locale)
    home_url = url_for("partner.home", partner_id=partner.id)
    letterhead = letterhead_of(agency)
    about = {"partner": partner.name, "role": user.role}
    if news == "role_changed" or news == "removed":
        return partner_news(recipient, letterhead, **about, news=news, home_url=home_url)
    does = partner.bills_agency, partner.bills_direct
    return partner_welcome(
        recipient,
        letterhead,
        **about,
        news=news,
        sign_in_url=home_url,
        help_url=url_for("partner.help_page", partner_id=partner.id),
        does=does,
    )
