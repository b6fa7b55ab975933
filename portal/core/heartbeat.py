"""The sign that jobs are being worked: a moment, written by a job itself."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.tenancy import Unscoped

JOBS = "jobs"


class Heartbeat(Base):
    """When something last showed that it lives. Global: it is the deployment's."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(unique=True)
    beat_at: Mapped[datetime]


def beat(session: Unscoped, at: datetime) -> None:
    """Show that jobs are worked."""
    known = session.execute(
        update(Heartbeat)
        .where(Heartbeat.name == JOBS)
        .values(beat_at=at)
        .returning(Heartbeat.id)
        .execution_options(synchronize_session=False)
    )
    if known.one_or_none() is None:
        session.add(Heartbeat(name=JOBS, beat_at=at))


def last_beat(session: Unscoped) -> datetime | None:
    """When jobs were last worked; None: never."""
    return session.scalar(select(Heartbeat.beat_at).where(Heartbeat.name == JOBS))
