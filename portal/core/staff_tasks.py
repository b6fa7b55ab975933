"""What the machine would not decide: a queue for staff, one open task per matter."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped

from portal.core.db import Base
from portal.core.tenancy import Scoped, Tenant, tenant_table


class StaffTask(Tenant, Base):
    """Something for a person to look at, saying why."""

    __tablename__ = "staff_task"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "kind", "ref"))

    kind: Mapped[str]
    ref: Mapped[str]
    detail: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


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
        session.flush()
