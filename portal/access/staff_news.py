"""Mails to a staff member about their own account or what admins watch, in the unit that makes it true."""

from datetime import datetime
from typing import Literal

from portal.core.outbox import enqueue
from portal.core.tenancy import Scoped

MAIL_KIND = "mail.staff_news"
News = Literal[
    "welcome",
    "recovery_code_used",
    "factor_added",
    "factor_removed",
    "factors_reset",
    "role_changed",
    "signed_out",
    "keys_set",
    "pay_by_hand_set",
    "host_lost",
]


def tell_staff(session: Scoped, news: News, staff_id: int, at: datetime) -> None:
    """Put a mail on its way.

    Args:
        session: the write unit of what has happened.
        news: what has happened.
    """
    once = f"{news}:{staff_id}:{at.timestamp():.6f}"
    enqueue(session, MAIL_KIND, once, {"news": news, "staff_id": staff_id}, at)
