"""A feed that is not read any more is seen, before somebody misses a policy."""

from datetime import datetime, timedelta

from portal.core.staff_tasks import open_task, settle_task
from portal.core.tenancy import Scoped
from portal.policy_system.connection import connection_of
from portal.policy_system.models import PolicyConnection

STALLED = "connection.stalled"
STALLED_AFTER = timedelta(minutes=30)
"""The feed is read every minute; so long a pause is no hiccup."""


def silent_since(connection: PolicyConnection) -> datetime | None:
    """Since when nothing has come from the feed; of one that was never read, since it was first asked in vain."""
    return connection.polled_at or connection.trouble_since


def is_stalled(connection: PolicyConnection | None, at: datetime) -> bool:
    """Whether the feed has not been read for too long; one that was never asked has no pause yet."""
    if connection is None or not connection.is_enabled:
        return False
    since = silent_since(connection)
    return since is not None and at - since > STALLED_AFTER


def note_stalled(session: Scoped, at: datetime) -> None:
    """Ask staff to look while the feed stands still, and close that by itself once it moves again.

    Args:
        session: a write unit.
    """
    connection = connection_of(session)
    if connection is not None and is_stalled(connection, at):
        since = silent_since(connection)
        told = since.isoformat(timespec="minutes") if since else ""
        open_task(session, "connection.stalled", "feed", at, since=told, error=connection.trouble)
    else:
        settle_task(session, STALLED, "feed", "It is read again.", at)
