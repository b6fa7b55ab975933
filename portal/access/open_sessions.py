"""Where an address is signed in: the list for the person themselves, and ending sessions from there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from portal.access.models import SignInSession
from portal.access.sessions import IDLE
from portal.core.audit import Actor, record
from portal.core.tenancy import Scoped


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser that is signed in. `browser` is what it calls itself; `is_staff`: it has shown a second factor."""

    id: int
    browser: str
    ip: str
    created_at: datetime
    seen_at: datetime
    is_staff: bool


def open_sessions(session: Scoped, email: str, at: datetime) -> list[OpenSession]:
    """Every browser that is signed in under this address, the latest first."""
    query = (
        select(
            SignInSession.id,
            SignInSession.browser,
            SignInSession.ip,
            SignInSession.created_at,
            SignInSession.seen_at,
            SignInSession.second_factor_at.is_not(None),
        )
        .where(*_is_open(email), SignInSession.expires_at > at, SignInSession.seen_at > at - IDLE)
        .order_by(SignInSession.seen_at.desc(), SignInSession.id.desc())
    )
    return [OpenSession(*row) for row in session.execute(query)]


def end_one(session: Scoped, email: str, session_id: int, is_staff: bool, actor: Actor, at: datetime) -> bool:
    """Sign one browser out; false when this address has no such session, or not for who asks.

    Args:
        is_staff: whether the browser that asks has shown a second factor. A mailbox alone signs no staff out.
    """
    return _end(session, email, actor, at, SignInSession.id == session_id, *_within(is_staff)) == 1


def end_others(session: Scoped, email: str, session_id: int, is_staff: bool, actor: Actor, at: datetime) -> int:
    """Sign every browser out but one; says how many. `is_staff` as in `end_one`."""
    return _end(session, email, actor, at, SignInSession.id != session_id, *_within(is_staff))


def end_all(session: Scoped, email: str, actor: Actor, at: datetime) -> int:
    """Sign every browser of an address out; says how many."""
    return _end(session, email, actor, at)


def _end(session: Scoped, email: str, actor: Actor, at: datetime, *which: ColumnElement[bool]) -> int:
    ended = session.execute(
        update(SignInSession)
        .where(*_is_open(email), *which)
        .values(ended_at=at)
        .returning(SignInSession.id)
        .execution_options(synchronize_session=False)
    ).all()
    for row in ended:
        record(session, actor, "session.ended", "session", row.id, at)
    return len(ended)


def _is_open(email: str) -> tuple[ColumnElement[bool], ...]:
    return SignInSession.email == email, SignInSession.ended_at.is_(None)


def _within(is_staff: bool) -> tuple[ColumnElement[bool], ...]:
    return () if is_staff else (SignInSession.second_factor_at.is_(None),)
