"""Who did what, when, from where: append-only. What is personal is sealed, so that it can be erased all the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from portal.core.db import Base
from portal.core.personal_keys import of_email, seal, unseal
from portal.core.tenancy import Scoped, Tenant, tenant_table

WORKERS = frozenset({"staff", "operator", "system", "api"})
"""Who acts for the agency: named openly. Anybody else's address is sealed."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: kind is insured, partner, guest, link, api, staff, operator or system."""

    kind: str
    name: str = ""
    ip: str = ""


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Personal:
    """Values of a detail that are about a person: erased with the person's key.

    Args:
        subject: whose, by `of_insured` or `of_email`.
        values: by their names in the detail.
    """

    subject: str
    values: Mapping[str, Any] = field(default_factory=dict)


class AuditEntry(Tenant, Base):
    """One action. `actor`, `ip` and values of `detail` may be sealed: read entries by `tell`."""

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


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as people read it; what was erased says so."""

    id: int
    at: datetime
    actor: Actor
    action: str
    subject_kind: str
    subject_id: int | None
    detail: Mapping[str, Any]


def record(
    session: Scoped,
    actor: Actor,
    action: str,
    subject_kind: str,
    subject_id: int | None,
    at: datetime,
    personal: Personal | None = None,
    **detail: Any,
) -> None:
    """Write an audit line in the unit that makes it true.

    Args:
        action: a verb in the past, like "payment.submitted".
        personal: what changed, as far as it is about a person; sealed.
        detail: what changed, before and after; no secrets, nothing personal.
    """
    name, ip = actor.name, actor.ip
    if actor.kind not in WORKERS and name:
        name, ip = (seal(session, of_email(actor.name), value) if value else "" for value in (name, ip))
    if personal is not None:
        detail |= {key: seal(session, personal.subject, value) for key, value in personal.values.items()}
    session.add(
        AuditEntry(
            at=at,
            actor_kind=actor.kind,
            actor=name,
            ip=ip,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=detail,
        )
    )


def tell(session: Scoped, entries: Sequence[AuditEntry]) -> list[Told]:
    """Entries as people read them: sealed values opened, those of erased persons saying so."""
    sealed = [value for entry in entries for value in (entry.actor, entry.ip, *entry.detail.values())]
    opened = iter(unseal(session, sealed))
    return [
        Told(
            id=entry.id,
            at=entry.at,
            actor=Actor(entry.actor_kind, next(opened), next(opened)),
            action=entry.action,
            subject_kind=entry.subject_kind,
            subject_id=entry.subject_id,
            detail={key: next(opened) for key in entry.detail},
        )
        for entry in entries
    ]
