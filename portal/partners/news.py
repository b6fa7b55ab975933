"""Mails to a partner's users about their own access, in the unit that makes it true."""

from datetime import datetime
from typing import Literal

from portal.core.outbox import enqueue
from portal.core.tenancy import Scoped

MAIL_KIND = "mail.partner_news"
News = Literal["welcome", "invited", "role_changed", "removed"]


def tell_user(session: Scoped, news: News, user_id: int, at: datetime) -> None:
    """Put a mail on its way.

    Args:
        session: the write unit of what has happened.
        news: what has happened.
    """
    once = f"{news}:{user_id}:{at.timestamp():.6f}"
    enqueue(session, MAIL_KIND, once, {"news": news, "user_id": user_id}, at)
