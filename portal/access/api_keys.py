"""Keys of the API: each belongs to an agency and says so, is shown once, and may do what its scopes say."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import select, update

from portal.access.models import ApiKey
from portal.core.audit import Actor, record
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text, text

LONGEST_NAME = 80
USE_NOTED_EVERY = timedelta(minutes=1)
_FORM = re.compile(r"ppk_(\d{1,12})_[A-Za-z0-9_-]{43}")


class Scope(StrEnum):
    """One thing that a key may do."""

    READ_ACCOUNTS = "organization-accounts:read"
    WRITE_ACCOUNTS = "organization-accounts:write"
    READ_USERS = "users:read"
    WRITE_USERS = "users:write"
    READ_PROGRAMS = "programs:read"
    READ_INVOICES = "invoices:read"
    READ_PAYMENTS = "payments:read"


SCOPE_WORDS: dict[Scope, Text] = {
    Scope.READ_ACCOUNTS: text("Read partners"),
    Scope.WRITE_ACCOUNTS: text("Add and change partners"),
    Scope.READ_USERS: text("Read the users of partners"),
    Scope.WRITE_USERS: text("Add and change the users of partners"),
    Scope.READ_PROGRAMS: text("Read programs and policies"),
    Scope.READ_INVOICES: text("Read invoices"),
    Scope.READ_PAYMENTS: text("Read payments"),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A key that was shown, as far as requests need it."""

    key_id: int
    name: str
    hint: str
    scopes: frozenset[str]
    last_used_at: datetime | None


def create_key(session: Scoped, name: str, scopes: Collection[Scope], actor: Actor, at: datetime) -> tuple[ApiKey, str]:
    """Make a key.

    Args:
        session: a write unit.

    Returns:
        Its row, and the key itself: nobody can read it again.

    Raises:
        BadInput: no name, or it may do nothing.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(text("Say what the key is for, in 1 to %(most)s letters.", most=LONGEST_NAME))
    if not scopes:
        raise BadInput(text("Choose what the key may do."))
    token = f"ppk_{session.agency_id}_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        name=name,
        token_hash=_digest(token),
        hint=token[-4:],
        scopes=" ".join(sorted(scopes)),
        created_by=actor.name,
        created_at=at,
        last_used_at=None,
        revoked_at=None,
    )
    session.add(key)
    session.flush()
    record(session, actor, "api_key.created", "api_key", key.id, at, name=name, hint=key.hint, scopes=key.scopes)
    return key, token


def revoke_key(session: Scoped, key_id: int, actor: Actor, at: datetime) -> None:
    """End a key, at once.

    Raises:
        NotFound: there is none.
        Conflict: it was ended before.
    """
    held = select(ApiKey).where(ApiKey.id == key_id).with_for_update()
    key = session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    if key is None:
        raise NotFound
    if key.revoked_at is not None:
        raise Conflict(text("This key was ended before."))
    key.revoked_at, key.revoked_by = at, actor.name
    record(session, actor, "api_key.revoked", "api_key", key.id, at, name=key.name, hint=key.hint)
    session.flush()


def agency_of(token: str) -> int | None:
    """The id of the agency that a key says it belongs to; None for what is no key."""
    found = _FORM.fullmatch(token)
    return int(found[1]) if found else None


def caller_of(session: Scoped, token: str) -> Caller | None:
    """Whose key this is; None for one that is unknown or ended."""
    row = session.scalars(select(ApiKey).where(ApiKey.token_hash == _digest(token))).one_or_none()
    if row is None or row.revoked_at is not None:
        return None
    return Caller(row.id, row.name, row.hint, frozenset(row.scopes.split()), row.last_used_at)


def is_used_again(caller: Caller, at: datetime) -> bool:
    """Whether this use is worth noting: the last one that was is over a minute ago."""
    return caller.last_used_at is None or at - caller.last_used_at >= USE_NOTED_EVERY


def note_use(session: Scoped, caller: Caller, at: datetime) -> None:
    """Note that a key was used."""
    used = update(ApiKey).where(ApiKey.id == caller.key_id).values(last_used_at=at)
    session.execute(used.execution_options(synchronize_session=False))


def keys(session: Scoped) -> list[ApiKey]:
    """All of them, those that work first, the newest first."""
    rows = session.scalars(select(ApiKey).order_by(ApiKey.id.desc())).all()
    return sorted(rows, key=lambda row: row.revoked_at is not None)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
