"""Sign in by e-mail: a link for the browser that asked, a code for when the mail is read elsewhere.

A request does the same for every address; the job that sends the mail finds out whether the agency
knows it. Looking at a link changes nothing. A challenge signs in once, whoever comes at the same time.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select, update

from portal.access.failed_sign_ins import note_failure
from portal.access.hats import Hat, hats_of
from portal.access.limits import (
    CODE_ADDRESS,
    SIGN_IN_ADDRESS,
    SIGN_IN_AGENCY,
    SIGN_IN_NETWORK,
    OpenUnit,
    counted,
    missed_nothing,
    network_of,
    start_tries,
    take_turns,
)
from portal.access.models import SignInChallenge
from portal.access.sessions import start_session
from portal.access.sign_in_secrets import browser_hash, is_code, link_token, public_id_of, sign_in_code
from portal.core.audit import Actor, record
from portal.core.outbox import enqueue
from portal.core.secrets import derive_key
from portal.core.tenancy import Scoped
from portal.partners.users import join

VALID = timedelta(minutes=10)
RESENT_AS_IS = timedelta(minutes=5)
MOST_CODE_TRIES = 5
MAIL_KIND = "mail.sign_in"


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser that asks or answers.

    Args:
        secret: random, kept in its cookie; ties a link to the browser that asked for it.
        name: what it calls itself.
    """

    secret: str
    ip: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """What pressing the button of a link would do.

    `ready`: sign in. `elsewhere`: nothing here; `code` is to be typed where the person asked.
    `over`: used or too old; a new one can be sent to `email`. `unknown`: not a link of ours.
    """

    state: Literal["ready", "elsewhere", "over", "unknown"]
    email: str = ""
    code: str = ""
    next_path: str = "/"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that worked: the token for the cookie, where the person was going, and what they are here."""

    token: str
    email: str
    next_path: str
    hats: tuple[Hat, ...]


@dataclass(frozen=True, slots=True)
class SignInMail:
    """What the mail of a challenge says."""

    email: str
    link_token: str
    code: str
    expires_at: datetime
    locale: str


def request_sign_in(
    open_unit: OpenUnit, secret: str, email: str, browser: Browser, next_path: str, locale: str, at: datetime
) -> str:
    """Begin a sign-in, the same for every address. Opens its own units.

    Asked again soon by the same browser, it sends the same challenge again: the mail that comes late
    still fits.

    Args:
        open_unit: opens a write unit; none may be open.
        secret: the deployment's.
        email: as `parse_email` writes it.
        next_path: where to go afterwards: a local path.
        locale: the language of the mail.

    Returns:
        The challenge's public id, for the waiting page.

    Raises:
        TooMany: too many requests for this address, from this network or at this agency.
    """
    key = derive_key(secret, "limits")
    subjects = [
        counted(key, SIGN_IN_ADDRESS, email),
        counted(key, SIGN_IN_NETWORK, network_of(browser.ip)),
        counted(key, SIGN_IN_AGENCY, ""),
    ]
    start_tries(open_unit, subjects, at)
    with open_unit() as session:
        take_turns(session, subjects[0], at)
        challenge = _fresh_one(session, email, browser, at) or _new_one(email, browser, at)
        challenge.next_path, challenge.locale = next_path, locale
        session.add(challenge)
        session.flush()
        once = f"{challenge.public_id}:{int(at.timestamp())}"
        enqueue(session, MAIL_KIND, once, {"challenge_id": challenge.id}, at)
        return challenge.public_id


def sign_in_mail(session: Scoped, secret: str, challenge_id: int, at: datetime) -> SignInMail | None:
    """What to send for a challenge; None when the agency does not know the address, or it is too late.

    For the job: the request itself never asks.
    """
    challenge = session.get_one(SignInChallenge, challenge_id)
    if challenge.used_at or challenge.expires_at <= at or not hats_of(session, challenge.email):
        return None
    return SignInMail(
        challenge.email,
        link_token(secret, challenge.public_id),
        sign_in_code(secret, challenge.public_id),
        challenge.expires_at,
        challenge.locale,
    )


def check_link(session: Scoped, secret: str, token: str, browser_secret: str, at: datetime) -> LinkCheck:
    """What a link would do in this browser. Changes nothing: mail scanners follow links too."""
    challenge = _by_token(session, secret, token)
    if challenge is None:
        return LinkCheck("unknown")
    if challenge.used_at or challenge.expires_at <= at:
        return LinkCheck("over", challenge.email, next_path=challenge.next_path)
    if challenge.browser_hash != browser_hash(browser_secret):
        return LinkCheck("elsewhere", challenge.email, sign_in_code(secret, challenge.public_id))
    return LinkCheck("ready", challenge.email, next_path=challenge.next_path)


def use_link(session: Scoped, secret: str, token: str, browser: Browser, at: datetime) -> SignedIn | None:
    """Sign in by a link, in the browser that asked for it, once; None leaves it as it was.

    Args:
        session: a write unit.
        token: from the link.
    """
    challenge = _by_token(session, secret, token)
    if challenge is None:
        return None
    if challenge.browser_hash != browser_hash(browser.secret):
        note_failure(session, challenge, "link of another browser", 1, browser.ip, at)
        return None
    entered = _use(session, challenge, browser, at)
    if entered is None:
        note_failure(session, challenge, "link over", 1, browser.ip, at)
    return entered


def use_code(
    open_unit: OpenUnit, secret: str, public_id: str, code: str, browser: Browser, at: datetime
) -> SignedIn | None:
    """Sign in by the code, typed where the person asked; None when it is wrong, used, too old or tried out.

    Opens its own units. A challenge takes five codes, an address twenty wrong ones a day; its link works
    all the same.

    Args:
        open_unit: opens a write unit; none may be open.
        public_id: of the challenge that this browser waits for.
        code: as typed.

    Raises:
        TooMany: too many wrong codes for this address.
    """
    with open_unit() as session:
        challenge = _waiting(session, public_id, browser)
    if challenge is None:
        return None
    tries = start_tries(open_unit, [counted(derive_key(secret, "limits"), CODE_ADDRESS, challenge.email)], at)
    with open_unit() as session:
        number = _take_code_try(session, challenge, at)
        if number is None:
            note_failure(session, challenge, "code over", 1, browser.ip, at)
            return None
        if not is_code(code, sign_in_code(secret, public_id)):
            note_failure(session, challenge, "wrong code", number, browser.ip, at)
            return None
        missed_nothing(session, tries)
        return _use(session, challenge, browser, at)


def is_open(session: Scoped, public_id: str, browser_secret: str, at: datetime) -> bool:
    """Whether a code can still be typed for this challenge in this browser."""
    challenge = _waiting(session, public_id, Browser(browser_secret, ""))
    return (
        challenge is not None
        and challenge.used_at is None
        and challenge.expires_at > at
        and challenge.code_tries < MOST_CODE_TRIES
    )


def _fresh_one(session: Scoped, email: str, browser: Browser, at: datetime) -> SignInChallenge | None:
    return session.scalars(
        select(SignInChallenge)
        .where(
            SignInChallenge.email == email,
            SignInChallenge.created_at > at - RESENT_AS_IS,
            SignInChallenge.browser_hash == browser_hash(browser.secret),
            SignInChallenge.used_at.is_(None),
            SignInChallenge.code_tries < MOST_CODE_TRIES,
        )
        .order_by(SignInChallenge.created_at.desc())
        .limit(1)
    ).one_or_none()


def _new_one(email: str, browser: Browser, at: datetime) -> SignInChallenge:
    return SignInChallenge(
        public_id=secrets.token_urlsafe(16),
        email=email,
        browser_hash=browser_hash(browser.secret),
        ip=browser.ip,
        created_at=at,
        expires_at=at + VALID,
        used_at=None,
    )


def _by_token(session: Scoped, secret: str, token: str) -> SignInChallenge | None:
    public_id = public_id_of(secret, token)
    if public_id is None:
        return None
    return session.scalars(select(SignInChallenge).where(SignInChallenge.public_id == public_id)).one_or_none()


def _waiting(session: Scoped, public_id: str, browser: Browser) -> SignInChallenge | None:
    return session.scalars(
        select(SignInChallenge).where(
            SignInChallenge.public_id == public_id, SignInChallenge.browser_hash == browser_hash(browser.secret)
        )
    ).one_or_none()


def _take_code_try(session: Scoped, challenge: SignInChallenge, at: datetime) -> int | None:
    """Which try at this challenge's code it is; None when no more are taken."""
    taken = session.execute(
        update(SignInChallenge)
        .where(
            SignInChallenge.id == challenge.id,
            SignInChallenge.code_tries < MOST_CODE_TRIES,
            SignInChallenge.used_at.is_(None),
            SignInChallenge.expires_at > at,
        )
        .values(code_tries=SignInChallenge.code_tries + 1)
        .returning(SignInChallenge.code_tries)
        .execution_options(synchronize_session=False)
    )
    return taken.scalar_one_or_none()


def _use(session: Scoped, challenge: SignInChallenge, browser: Browser, at: datetime) -> SignedIn | None:
    used = session.execute(
        update(SignInChallenge)
        .where(
            SignInChallenge.id == challenge.id,
            SignInChallenge.used_at.is_(None),
            SignInChallenge.expires_at > at,
        )
        .values(used_at=at)
        .returning(SignInChallenge.id)
        .execution_options(synchronize_session=False)
    )
    hats = hats_of(session, challenge.email)
    if used.one_or_none() is None or not hats:
        return None
    join(session, challenge.email, at)
    token = start_session(session, challenge.email, browser.ip, browser.name, at)
    record(
        session, Actor(hats[-1], challenge.email, browser.ip), f"{hats[-1]}.signed_in", "challenge", challenge.id, at
    )
    return SignedIn(token, challenge.email, challenge.next_path, hats)
