"""What must leave after a commit: rows written in the same transaction, leased and worked by a job."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Scoped, Tenant, tenant_table


class OutboxRow(Tenant, Base):
    """One thing to send: a mail, a receipt to another system. Arguments are ids, never secrets."""

    __tablename__ = "outbox"
    __table_args__ = tenant_table(
        UniqueConstraint("agency_id", "kind", "dedupe_key"),
        partial_index("ix_outbox_open", "agency_id", "lease_until", where="done_at IS NULL"),
    )

    kind: Mapped[str]
    dedupe_key: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


def enqueue(session: Scoped, kind: str, dedupe_key: str, payload: dict[str, Any], at: datetime) -> None:
    """Put something on its way, once: a second call with the same key changes nothing.

    Args:
        session: the unit whose success this follows.
        kind: names the handler.
        dedupe_key: stable for the occasion, so that nothing leaves twice.
        payload: ids only; it is stored in plain text.
        at: from when it may leave.
    """
    enqueue_all(session, [(kind, dedupe_key, payload)], at)


def enqueue_all(session: Scoped, wanted: Sequence[tuple[str, str, dict[str, Any]]], at: datetime) -> None:
    """Put several things on their way as `enqueue` does; each is a kind, a dedupe key and a payload."""
    kinds = {kind for kind, _, _ in wanted}
    keys = {key for _, key, _ in wanted}
    query = select(OutboxRow.kind, OutboxRow.dedupe_key).where(
        OutboxRow.kind.in_(kinds), OutboxRow.dedupe_key.in_(keys)
    )
    known: set[tuple[str, str]] = set(session.execute(query))
    for kind, dedupe_key, payload in wanted:
        if (kind, dedupe_key) not in known:
            known.add((kind, dedupe_key))
            row = OutboxRow(kind=kind, dedupe_key=dedupe_key, payload=payload, created_at=at, lease_until=at)
            session.add(row)
    session.flush()
