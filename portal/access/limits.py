"""Limits on tries: by whom and at what, counted in rows that hold keyed digests only.

A try is written down as a miss, in a unit of its own, before anything is looked at; what is counted
afterwards includes it. However many tries run side by side, no more than the limit get through.
"""

import hmac
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import ColumnElement, delete, func, select, update

from portal.access.models import Try
from portal.core.errors import TooMany
from portal.core.tenancy import Scoped
from portal.core.text import text

_PORT = re.compile(r"^(?:\[(.*)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+)$")
OpenUnit = Callable[[], AbstractContextManager[Scoped]]
"""Opens a write unit of the agency: one transaction, committed at its end."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many counted tries of a kind at one subject within a time."""

    kind: str
    most: int
    within: timedelta


GUEST_POLICY = Limit("guest.policy", 5, timedelta(hours=24))
GUEST_NETWORK = Limit("guest.network", 10, timedelta(hours=1))
GUEST_LINK_POLICY = Limit("guest.link.policy", 3, timedelta(hours=24))
GUEST_LINK_NETWORK = Limit("guest.link.network", 10, timedelta(hours=1))
SIGN_IN_ADDRESS = Limit("sign_in.address", 5, timedelta(hours=1))
SIGN_IN_NETWORK = Limit("sign_in.network", 30, timedelta(hours=1))
SIGN_IN_AGENCY = Limit("sign_in.agency", 2_000, timedelta(hours=1))
CODE_ADDRESS = Limit("sign_in.code", 20, timedelta(hours=24))
EMAIL_CHANGE = Limit("email_change", 3, timedelta(hours=24))
CARD_NETWORK = Limit("card.network", 10, timedelta(hours=1))
API_KEY = Limit("api.key", 1_200, timedelta(minutes=10))
API_NETWORK = Limit("api.network", 60, timedelta(hours=1))
SECOND_FACTOR = Limit("second_factor", 5, timedelta(minutes=15))
SECOND_FACTOR_DAY = Limit("second_factor.day", 30, timedelta(hours=24))


@dataclass(frozen=True, slots=True)
class Counted:
    """One subject under one limit."""

    limit: Limit
    subject: str


def counted(key: bytes, limit: Limit, subject: str) -> Counted:
    """A subject under a limit, as a keyed digest: the table names neither addresses nor policies."""
    return Counted(limit, hmac.new(key, f"{limit.kind}|{subject}".encode(), sha256).hexdigest())


def network_of(ip: str) -> str:
    """Whom an address counts as: an IPv4 address itself, the /64 of an IPv6 one.

    What a proxy writes instead ("unknown", RFC 7239 6.2) counts as one network of its own; a port is left aside.

    >>> network_of("2001:db8:1:2:3:4:5:6"), network_of("::ffff:192.0.2.1"), network_of("192.0.2.1:4711")
    ('2001:db8:1:2::/64', '192.0.2.1', '192.0.2.1')
    """
    host = _PORT.sub(r"\1\2", ip.strip()).partition("%")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((address, 64), strict=False))
    return str(address)


def start_tries(open_unit: OpenUnit, subjects: Sequence[Counted], at: datetime) -> list[int]:
    """Write a try down, commit, and let it through or not. Opens its own units.

    A refused try is taken out again, so that trying on does not prolong the wait.

    Args:
        open_unit: opens a write unit; none may be open.
        subjects: what is counted.
        at: now.

    Returns:
        The ids of its rows, for `missed_nothing`.

    Raises:
        TooMany: one of the limits was reached already.
    """
    rows = [Try(kind=each.limit.kind, subject=each.subject, missed=True, at=at, program_id=None) for each in subjects]
    with open_unit() as session:
        session.add_all(rows)
    ids = [row.id for row in rows]
    with open_unit() as session:
        allowed = all(count(session, each, at) <= each.limit.most for each in subjects)
        if not allowed:
            session.execute(delete(Try).where(Try.id.in_(ids)).execution_options(synchronize_session=False))
    if not allowed:
        raise TooMany(text("Please wait a while and try again, or call us."))
    return ids


def count(session: Scoped, subject: Counted, at: datetime) -> int:
    """The counted tries at a subject within its limit's time."""
    tries = select(func.count(Try.id)).where(*_tries_at(subject, at))
    return session.scalar(tries) or 0


def take_turns(session: Scoped, subject: Counted, at: datetime) -> None:
    """Make units that tried at the same subject run one after the other: each locks the oldest try of them all.

    Args:
        session: a write unit; SQLite has one at a time anyway.
        subject: one whose try was written down by `start_tries`.
    """
    oldest = select(Try.id).where(*_tries_at(subject, at)).order_by(Try.id).limit(1)
    session.execute(oldest.with_for_update())


def missed_nothing(session: Scoped, tries: Sequence[int], program_id: int | None = None) -> None:
    """Turn counted tries into hits: they count no longer, and the rows say what was found.

    Args:
        tries: what `start_tries` returned.
        program_id: the program that was found.
    """
    session.execute(
        update(Try)
        .where(Try.id.in_(tries))
        .values(missed=False, program_id=program_id)
        .execution_options(synchronize_session=False)
    )


def _tries_at(subject: Counted, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Try.kind == subject.limit.kind,
        Try.subject == subject.subject,
        Try.missed.is_(True),
        Try.at > at - subject.limit.within,
    )
