"""E-mail addresses that mail no longer reaches: no reminder goes to them until they are corrected, or work again."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import Literal

from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped

from portal.core.audit import SYSTEM, Actor, Personal, record
from portal.core.db import Base
from portal.core.personal_keys import of_email
from portal.core.staff_tasks import StaffTask, close_task, open_task
from portal.core.tenancy import Scoped, Tenant, tenant_table

TASK = "mail.refused"
CORRECTED, WORKS = "The address was corrected.", "The address works again."
Why = Literal["refused", "bounced"]
AT_ONCE = 5_000
"""How many addresses are asked for in one query."""


class DeadAddress(Tenant, Base):
    """An address that does not work, at one agency. It was refused by its mail server, or staff saw a mail bounce."""

    __tablename__ = "dead_address"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "email"))

    email: Mapped[str]
    why: Mapped[str]
    answer: Mapped[str]
    found_at: Mapped[datetime]


def mark_dead(session: Scoped, email: str, why: Why, answer: str, actor: Actor, at: datetime) -> None:
    """Send no reminder to an address any more, and ask staff to correct it. Done twice, it changes nothing.

    Args:
        session: a write unit.
        email: as `parse_email` writes it.
        why: its mail server refuses it for good, or staff saw a mail come back.
        answer: the server's, or a note of staff.
        actor: the portal itself, or who marked it.
    """
    open_task(session, "mail.refused", email, at, answer=answer)
    if dead_of(session, [email]):
        return
    with suppress(IntegrityError), session.begin_nested():  # somebody else finds it at the same moment
        session.add(DeadAddress(email=email, why=why, answer=answer, found_at=at))
        session.flush()
        about = Personal(of_email(email), {"email": email})
        record(session, actor, "address.dead", "dead_address", None, at, about, why=why)


def revive(session: Scoped, email: str, actor: Actor, at: datetime, note: str = WORKS) -> None:
    """Send to an address again, and end the matter that waits for staff; nothing if it is not dead.

    Args:
        session: a write unit.
        note: how it ended.
    """
    query = delete(DeadAddress).where(DeadAddress.email == email).returning(DeadAddress.id)
    if session.scalars(query.execution_options(synchronize_session=False)).one_or_none() is None:
        return
    about = Personal(of_email(email), {"email": email})
    record(session, actor, "address.alive", "dead_address", None, at, about, note=note)
    waiting = select(StaffTask.id).where(StaffTask.kind == TASK, StaffTask.ref == email, StaffTask.closed_at.is_(None))
    task_id = session.scalar(waiting)
    if task_id is not None:
        close_task(session, task_id, note, actor if actor.kind == "staff" else SYSTEM, at)


def dead_of(session: Scoped, emails: Collection[str]) -> dict[str, DeadAddress]:
    """Which of these addresses are dead, by address."""
    wanted = sorted(set(emails))
    found: dict[str, DeadAddress] = {}
    for first in range(0, len(wanted), AT_ONCE):
        query = select(DeadAddress).where(DeadAddress.email.in_(wanted[first : first + AT_ONCE]))
        found |= {row.email: row for row in session.scalars(query)}
    return found
