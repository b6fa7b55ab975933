"""A feed that is not read any more is seen, before somebody misses a policy."""

from datetime import datetime, timedelta

from portal.core.staff_tasks import open_task, settle_task
from portal.core.tenancy import Scoped
from portal.policy_system.connection import connection_of
from portal.policy_system.models import PolicyConnection

STALLED = "connection.stalled"
STALLED_AFTER = timedelta(minutes=30)
"""The feed is read every minute; so long a pause is no hiccup."""


def is_stalled(connection: PolicyConnection | None, at: datetime) -> bool:
    """Whether the feed has not been read for too long; one that was never read has no pause yet."""
    if connection is None or not connection.is_enabled or connection.polled_at is None:
        return False
    return at - connection.polled_at > STALLED_AFTER


def note_stalled(session: Scoped, at: datetime) -> None:
    """Ask staff to look while the feed stands still, and close that by itself once it moves again.

    Args:
        session: a write unit.
    """
    connection = connection_of(session)
    if connection is not None and is_stalled(connection, at):
        since = connection.polled_at.isoformat(timespec="minutes") if connection.polled_at else ""
        open_task(session, "connection.stalled", "feed", at, since=since, error=connection.trouble)
    else:
        settle_task(session, STALLED, "feed", "It is read again.", at)
