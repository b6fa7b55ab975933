"""Personal values in rows that are written once: sealed with a key per person, and erased by dropping the key.

The keys stand in the same database: they hide nothing from who reads it, they are there to be thrown away.
"""

import json
import re
import secrets
from collections.abc import Iterable
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped

from portal.core.db import Base
from portal.core.tenancy import Scoped, Tenant, tenant_table

ERASED = "erased"
"""What stands for a sealed value whose key was dropped."""

_SEALED = re.compile(r"sealed:([0-9a-f]+):(.+)", re.DOTALL)
_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class PersonalKey(Tenant, Base):
    """The key of one person's values. Subject: see `of_insured` and `of_email`; the name is never given again."""

    __tablename__ = "personal_key"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "subject"), UniqueConstraint("agency_id", "name"))

    subject: Mapped[str]
    name: Mapped[str]
    key: Mapped[str]


def of_insured(insured_id: int) -> str:
    """Whose: an insured's."""
    return f"insured:{insured_id}"


def of_email(email: str) -> str:
    """Whose: of whoever reads this address, an insured or not."""
    return f"email:{email}"


def seal(session: Scoped, subject: str, value: Any) -> str:
    """Close a value with a person's key, which is made if there is none.

    Args:
        session: a write unit.
        subject: whose.
        value: whatever JSON can say.
    """
    known: dict[str, tuple[str, str]] = session.info.setdefault("personal_keys", {})
    if subject not in known:
        known[subject] = _key_of(session, subject)
    name, key = known[subject]
    return f"sealed:{name}:{Fernet(key).encrypt(json.dumps(value).encode()).decode()}"


def unseal(session: Scoped, values: Iterable[Any]) -> list[Any]:
    """Open sealed values; plain ones stay as they are, those whose key was dropped become `ERASED`.

    Args:
        session: the agency's.
        values: read with one statement for all of them.
    """
    values = list(values)
    matches = [_SEALED.fullmatch(value) if isinstance(value, str) else None for value in values]
    wanted = {match[1] for match in matches if match}
    query = select(PersonalKey.name, PersonalKey.key).where(PersonalKey.name.in_(wanted))
    keys = dict(session.execute(query).all()) if wanted else {}
    return [
        value if match is None else _open(keys.get(match[1]), match[2])
        for value, match in zip(values, matches, strict=True)
    ]


def drop_keys(session: Scoped, subjects: Iterable[str]) -> None:
    """Erase what was sealed for these people, for good."""
    session.execute(
        delete(PersonalKey).where(PersonalKey.subject.in_(list(subjects))).execution_options(synchronize_session=False)
    )
    session.info.pop("personal_keys", None)


def _key_of(session: Scoped, subject: str) -> tuple[str, str]:
    query = select(PersonalKey.name, PersonalKey.key).where(PersonalKey.subject == subject)
    row = session.execute(query).one_or_none()
    if row is None:
        insert = _INSERTS[session.get_bind().dialect.name](PersonalKey)
        session.execute(
            insert.values(
                subject=subject, name=secrets.token_hex(8), key=Fernet.generate_key().decode()
            ).on_conflict_do_nothing(index_elements=["agency_id", "subject"])
        )
        row = session.execute(query).one()
    return row.name, row.key


def _open(key: str | None, token: str) -> Any:
    return ERASED if key is None else json.loads(Fernet(key).decrypt(token.encode()))
