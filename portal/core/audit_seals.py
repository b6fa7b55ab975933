"""A chain of seals over the audit: whoever edits, deletes or inserts an entry afterwards is found out.

Each seal covers the entries since the one before it, with a keyed digest of each and one over them and the seal before.
Without the deployment's secret key none can be made. Entries younger than `SETTLED` wait: a unit of work that is
still open may yet write one with a lower id.
"""

import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import UniqueConstraint, func, select
from sqlalchemy.orm import Mapped

from portal.core.audit import AuditEntry
from portal.core.db import Base
from portal.core.tenancy import Scoped, Tenant, tenant_table

SETTLED = timedelta(minutes=15)
AT_ONCE = 1_000
BEGINNING = "0" * 64


class AuditSeal(Tenant, Base):
    """One link of the chain: the entries after the seal before it up to `to_id`. `entries` maps ids to digests."""

    __tablename__ = "audit_seal"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "number"))

    number: Mapped[int]
    from_id: Mapped[int]
    to_id: Mapped[int]
    entries: Mapped[dict[str, Any]]
    digest: Mapped[str]
    sealed_at: Mapped[datetime]


def seal_entries(session: Scoped, key: bytes, at: datetime) -> AuditSeal | None:
    """Seal the agency's next entries, at most `AT_ONCE`.

    Args:
        session: a write unit.
        key: of the deployment, for this purpose.
        at: now.

    Returns:
        The seal, or None when nothing new has settled.
    """
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).one_or_none()
    after = last.to_id if last else 0
    unsettled = session.scalar(
        select(func.min(AuditEntry.id)).where(AuditEntry.id > after, AuditEntry.at > at - SETTLED)
    )
    query = select(AuditEntry).where(AuditEntry.id > after).order_by(AuditEntry.id).limit(AT_ONCE)
    if unsettled is not None:
        query = query.where(AuditEntry.id < unsettled)
    entries = session.scalars(query).all()
    if not entries:
        return None
    seal = AuditSeal(
        number=last.number + 1 if last else 1,
        from_id=after + 1,
        to_id=entries[-1].id,
        entries={str(entry.id): entry_digest(key, entry) for entry in entries},
        sealed_at=at,
    )
    seal.digest = seal_digest(key, last.digest if last else BEGINNING, seal)
    session.add(seal)
    session.flush()
    return seal


def find_tampering(session: Scoped, key: bytes) -> Iterator[str]:
    """Check the whole chain of the agency; says in a line each what does not hold.

    Args:
        session: a read unit.
        key: the one that sealed.
    """
    before, number, after = BEGINNING, 0, 0
    for seal_id in session.scalars(select(AuditSeal.id).order_by(AuditSeal.number)).all():
        seal = session.get_one(AuditSeal, seal_id)
        number += 1
        if (seal.number, seal.from_id) != (number, after + 1):
            yield f"seal {number} is missing"
            number, before = seal.number, ""
        if before and not hmac.compare_digest(seal.digest, seal_digest(key, before, seal)):
            yield f"seal {seal.number} of {seal.sealed_at:%Y-%m-%d %H:%M} is not the one that was made"
        yield from _compare(session, key, seal)
        before, after = seal.digest, seal.to_id
        session.expunge_all()


def _compare(session: Scoped, key: bytes, seal: AuditSeal) -> Iterator[str]:
    rows = session.scalars(select(AuditEntry).where(AuditEntry.id.between(seal.from_id, seal.to_id)))
    found = {str(entry.id): entry_digest(key, entry) for entry in rows}
    for entry_id in sorted({*found, *seal.entries}, key=int):
        if entry_id not in found:
            yield f"entry {entry_id} was deleted"
        elif entry_id not in seal.entries:
            yield f"entry {entry_id} was inserted after seal {seal.number}"
        elif not hmac.compare_digest(found[entry_id], seal.entries[entry_id]):
            yield f"entry {entry_id} was edited"


def entry_digest(key: bytes, entry: AuditEntry) -> str:
    """The keyed digest of everything an entry says, the same on both databases."""
    said = [
        entry.agency_id,
        entry.id,
        entry.at.astimezone(UTC).isoformat(),
        entry.actor_kind,
        entry.actor,
        entry.ip,
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        entry.detail,
    ]
    return _digest(key, said)


def seal_digest(key: bytes, before: str, seal: AuditSeal) -> str:
    """The keyed digest of a seal, which binds it to the one before."""
    return _digest(
        key, [before, seal.number, seal.from_id, seal.to_id, seal.sealed_at.astimezone(UTC).isoformat(), seal.entries]
    )


def _digest(key: bytes, said: Any) -> str:
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key, canonical.encode(), sha256).hexdigest()
