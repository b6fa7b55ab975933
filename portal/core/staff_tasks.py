"""What the machine would not decide: a queue for staff, one open task per matter."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped

from portal.core.audit import SYSTEM, Actor, record
from portal.core.db import Base, partial_index
from portal.core.errors import Conflict
from portal.core.tenancy import Scoped, Tenant, tenant_table
from portal.core.text import text


class StaffTask(Tenant, Base):
    """Something for a person to look at, saying why; and how it ended: who closed it, with which note."""

    __tablename__ = "staff_task"
    __table_args__ = tenant_table(
        UniqueConstraint("agency_id", "kind", "ref"),
        partial_index("ix_staff_task_open", "agency_id", "opened_at", where="closed_at IS NULL"),
    )

    kind: Mapped[str]
    ref: Mapped[str]
    detail: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    note: Mapped[str | None]


def open_task(session: Scoped, kind: str, ref: str, at: datetime, **detail: Any) -> None:
    """Ask staff to look, once per matter; one that they have closed is opened again.

    Args:
        kind: what sort of matter, like "payment.stuck".
        ref: which one.
        detail: the facts a person needs.
    """
    task = session.scalars(select(StaffTask).where(StaffTask.kind == kind, StaffTask.ref == ref)).one_or_none()
    if task is None:
        with suppress(IntegrityError), session.begin_nested():  # somebody else asks at the same moment
            session.add(StaffTask(kind=kind, ref=ref, detail=detail, opened_at=at))
    elif task.closed_at is not None:
        task.opened_at, task.closed_at, task.detail = at, None, detail
        task.closed_by = task.note = None
        session.flush()


def open_if_new(session: Scoped, kind: str, ref: str, at: datetime, **detail: Any) -> None:
    """Ask staff to look at what lasts, run after run: one that they have closed is opened again by other facts alone.

    Args:
        kind, ref: as `open_task` asks for them.
        detail: the facts a person needs, as JSON keeps them; no time of the run among them.
    """
    closed = StaffTask.kind == kind, StaffTask.ref == ref, StaffTask.closed_at.is_not(None)
    if session.scalar(select(StaffTask.detail).where(*closed)) != detail:
        open_task(session, kind, ref, at, **detail)


def close_task(session: Scoped, task_id: int, note: str, actor: Actor, at: datetime) -> None:
    """A person has dealt with it.

    Args:
        note: what they have done; it stays with the task, which is forgotten in time, and not in the audit trail.

    Raises:
        Conflict: somebody else was faster.
    """
    closing = (
        update(StaffTask)
        .where(StaffTask.id == task_id, StaffTask.closed_at.is_(None))
        .values(closed_at=at, closed_by=actor.name, note=note)
        .execution_options(synchronize_session=False)
    )
    if session.execute(closing).rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(text("This was marked as done in the meantime."))
    kind = session.scalar(select(StaffTask.kind).where(StaffTask.id == task_id))
    record(session, actor, "task.closed", "staff_task", task_id, at, task=kind)


def settle_task(session: Scoped, kind: str, ref: str, outcome: str, at: datetime) -> None:
    """A matter has settled itself, if it is open: nobody has to look any more.

    Args:
        outcome: the word that says how; it stays with the task.
    """
    task_id = session.scalar(
        select(StaffTask.id).where(StaffTask.kind == kind, StaffTask.ref == ref, StaffTask.closed_at.is_(None))
    )
    if task_id is not None:
        with suppress(Conflict):  # a person was faster
            close_task(session, task_id, outcome, SYSTEM, at)


def open_tasks(session: Scoped) -> int:
    """How many matters wait for staff."""
    return session.scalar(select(func.count(StaffTask.id)).where(StaffTask.closed_at.is_(None))) or 0
