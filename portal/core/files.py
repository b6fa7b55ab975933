"""Files that people send, in the database: one backup holds them, row-level security guards them."""

import secrets
from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, undefer

from portal.core.db import Base
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped, Tenant, tenant_table


class StoredFile(Tenant, Base):
    """A file, made safe before it is kept. `token` is its unguessable name; `data` is read only when asked for."""

    __tablename__ = "stored_file"
    __table_args__ = tenant_table(UniqueConstraint("token"))

    token: Mapped[str]
    kind: Mapped[str]
    content_type: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]


def keep_file(session: Scoped, kind: str, content_type: str, data: bytes, at: datetime) -> StoredFile:
    """Store a file.

    Args:
        kind: what it is, like "check_image".
        content_type: of what we made ourselves, never what a browser has said.
    """
    file = StoredFile(token=secrets.token_urlsafe(24), kind=kind, content_type=content_type, data=data, created_at=at)
    session.add(file)
    session.flush()
    return file


def find_file(session: Scoped, kind: str, token: str) -> StoredFile:
    """A file with its bytes.

    Raises:
        NotFound: no such file of this kind.
    """
    query = select(StoredFile).where(StoredFile.kind == kind, StoredFile.token == token)
    file = session.scalars(query.options(undefer(StoredFile.data))).one_or_none()
    if file is None:
        raise NotFound
    return file
