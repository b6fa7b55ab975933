"""News: events that carry ids and go upwards. Subscribers may only add outbox rows.

`portal/subscriptions.py` holds the one table of who listens; it is set once at start.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from portal.core.outbox import enqueue_all
from portal.core.tenancy import Scoped


class Event:
    """Base of every event: a frozen dataclass of ids."""


Follow = Callable[[Any], tuple[str, str, dict[str, Any]]]
"""Makes (kind, dedupe key, payload) of an event."""

_subscriptions: dict[type[Event], Sequence[Follow]] = {}


def subscribe(table: Mapping[type[Event], Sequence[Follow]]) -> None:
    """Install the table of subscriptions; the same for web, worker and commands."""
    _subscriptions.clear()
    _subscriptions.update(table)


def publish(session: Scoped, event: Event, at: datetime) -> None:
    """Tell the news inside the transaction that made it true.

    Args:
        session: the unit of work.
        event: what happened.
        at: when.

    Raises:
        LookupError: an event that the table does not name, so that none is lost by a forgotten line.
    """
    publish_all(session, [event], at)


def publish_all(session: Scoped, events: Sequence[Event], at: datetime) -> None:
    """Tell several news of one transaction as `publish` does."""
    enqueue_all(session, [follow(event) for event in events for follow in _subscriptions[type(event)]], at)
