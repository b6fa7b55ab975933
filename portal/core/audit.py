"""Who did what, when, from where: append-only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from portal.core.db import Base
from portal.core.tenancy import Scoped, Tenant, tenant_table


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: kind is insured, guest, link, staff, operator or system."""

    kind: str
    name: str = ""
    ip: str = ""


SYSTEM = Actor("system")


class AuditEntry(Tenant, Base):
    """One action."""

    __tablename__ = "audit_entry"
    __table_args__ = tenant_table(Index("ix_audit_entry_subject", "agency_id", "subject_kind", "subject_id"))

    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor: Mapped[str]
    ip: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]]


def record(
    session: Scoped, actor: Actor, action: str, subject_kind: str, subject_id: int | None, at: datetime, **detail: Any
) -> None:
    """Write an audit line in the unit that makes it true.

    Args:
        action: a verb in the past, like "payment.submitted".
        detail: what changed, before and after; no secrets.
    """
    session.add(
        AuditEntry(
            at=at,
            actor_kind=actor.kind,
            actor=actor.name,
            ip=actor.ip,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=detail,
        )
    )
