"""Who is signed in: a record here for each signed-in browser, which holds only a random token."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import bindparam, select, update

from portal.access.models import SignInSession
from portal.core.tenancy import Scoped

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
TOUCH_AFTER = timedelta(minutes=1)
MOST_BROWSER_TEXT = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who has proved to read this address.

    Args:
        session_id: the record of this browser.
        seen_at: when it last came, to the minute.
        second_factor_at: when a staff member last showed the second factor here.
        expires_at: when this browser is signed out however busy it is.
        viewing_email: as whom a staff member looks at the portal here, until `viewing_until`.
    """

    email: str
    session_id: int
    seen_at: datetime
    second_factor_at: datetime | None
    expires_at: datetime
    viewing_email: str | None
    viewing_until: datetime | None


def start_session(session: Scoped, email: str, ip: str, browser: str, at: datetime) -> str:
    """Open a session after a sign-in.

    Args:
        ip: from where.
        browser: what the browser calls itself, for the person to recognise.

    Returns:
        The token for the browser's cookie; only its digest is kept.
    """
    token = secrets.token_urlsafe(32)
    session.add(
        SignInSession(
            token_hash=_digest(token),
            email=email,
            ip=ip,
            browser=browser[:MOST_BROWSER_TEXT],
            created_at=at,
            seen_at=at,
            expires_at=at + LONGEST,
            ended_at=None,
            second_factor_at=None,
            challenge=None,
            challenge_until=None,
        )
    )
    session.flush()
    return token


_OPEN = select(
    SignInSession.email,
    SignInSession.id,
    SignInSession.seen_at,
    SignInSession.second_factor_at,
    SignInSession.expires_at,
    SignInSession.viewing_email,
    SignInSession.viewing_until,
).where(
    SignInSession.token_hash == bindparam("digest"),
    SignInSession.ended_at.is_(None),
    SignInSession.expires_at > bindparam("at"),
    SignInSession.seen_at > bindparam("idle_since"),
)


def signed_in(session: Scoped, token: str, at: datetime) -> Person | None:
    """Whose session this is; None when it was ended, or is idle or open for too long."""
    row = session.rows(_OPEN, {"digest": _digest(token), "at": at, "idle_since": at - IDLE}).one_or_none()
    return Person(*row) if row else None


def needs_touch(person: Person, at: datetime) -> bool:
    """Whether to note that this browser came again; once a minute is enough."""
    return at - person.seen_at >= TOUCH_AFTER


def touch(session: Scoped, person: Person, at: datetime) -> None:
    """Note that this browser came again."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == person.session_id)
        .values(seen_at=at)
        .execution_options(synchronize_session=False)
    )


def raise_session(session: Scoped, session_id: int, at: datetime) -> str:
    """Note that the second factor was shown in this browser, and change its token: the old one is worth nothing now.

    Returns:
        The new token for the browser's cookie.
    """
    token = secrets.token_urlsafe(32)
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
        .values(token_hash=_digest(token), second_factor_at=at, seen_at=at)
        .execution_options(synchronize_session=False)
    )
    return token


def end_session(session: Scoped, session_id: int, at: datetime) -> None:
    """Sign out: the token is worth nothing from now on."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
