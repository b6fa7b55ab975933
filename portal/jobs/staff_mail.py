"""Mails to staff about their own account, from their outbox rows."""

from collections.abc import Callable

from sqlalchemy import select

from portal.access.permissions import ROLE_WORDS
from portal.agencies.models import Agency, StaffMember
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.notices.message import Message, Recipient
from portal.notices.staff_news import staff_news, staff_welcome


def staff_message(
    session: Scoped, agency: Agency, staff_id: int, news: str, url_for: Callable[..., str]
) -> Message | None:
    """The mail about what has happened; None when the person was removed before a welcome.

    Args:
        session: a read unit.
        news: one of `portal.access.staff_news.News`.
        url_for: makes the absolute address of an endpoint in the agency's portal.
    """
    member = session.scalars(select(StaffMember).where(StaffMember.id == staff_id)).one()
    recipient = Recipient(member.email, member.name, agency.locale)
    letterhead = letterhead_of(agency)
    if news != "welcome":
        return staff_news(recipient, letterhead, news=news, account_url=url_for("admin.home"))
    if not member.is_active:
        return None
    role = next(words for role, words in ROLE_WORDS.items() if role == member.role)
    return staff_welcome(recipient, letterhead, sign_in_url=url_for("admin.home"), role=role)
