"""Notes that staff write to each other about a program. The insured never sees them; they are not changed later."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Index, delete, select
from sqlalchemy.orm import Mapped

from portal.core.audit import Actor, record
from portal.core.db import Base
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped, Tenant, belongs_to, tenant_table
from portal.programs.models import Program

MOST_LETTERS = 4_000
MOST_SHOWN = 100


class ProgramNote(Tenant, Base):
    """A note."""

    __tablename__ = "program_note"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"), Index("ix_program_note_program", "agency_id", "program_id")
    )

    program_id: Mapped[int]
    body: Mapped[str]
    written_by: Mapped[str]
    written_at: Mapped[datetime]


def notes_of(session: Scoped, program_id: int) -> list[ProgramNote]:
    """A program's notes, the newest first, at most a hundred."""
    query = select(ProgramNote).where(ProgramNote.program_id == program_id)
    return list(session.scalars(query.order_by(ProgramNote.id.desc()).limit(MOST_SHOWN)))


def write_note(session: Scoped, program_id: int, body: str, actor: Actor, at: datetime) -> None:
    """Write one; archived programs take notes too.

    Raises:
        NotFound: no such program.
    """
    if session.scalar(select(Program.id).where(Program.id == program_id)) is None:
        raise NotFound
    session.add(ProgramNote(program_id=program_id, body=body, written_by=actor.name, written_at=at))
    record(session, actor, "program.note_written", "program", program_id, at)
    session.flush()


def remove_notes(session: Scoped, program_ids: Collection[int]) -> None:
    """Erase all notes of programs."""
    gone = delete(ProgramNote).where(ProgramNote.program_id.in_(program_ids))
    session.execute(gone.execution_options(synchronize_session=False))
