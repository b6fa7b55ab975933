"""Quotes, binders and invoices of carriers that staff keep with a program; the insured sees those that are shared."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Index, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.audit import Actor, record
from portal.core.db import Base
from portal.core.errors import BadInput, NotFound
from portal.core.files import StoredFile, keep_file
from portal.core.pdf_files import UNREADABLE, clean_pdf
from portal.core.pictures import clean_photo
from portal.core.tenancy import Scoped, Tenant, belongs_to, tenant_table
from portal.core.text import Text, text
from portal.programs.models import Program

FILE_KIND = "program_document"
MOST_BYTES = 10 * 1024 * 1024
MOST_SIDE = 2_200
MOST_DOCUMENTS = 100
PDF, JPEG = "application/pdf", "image/jpeg"
DocumentKind = Literal["quote", "binder", "invoice", "other"]
KIND_WORDS: dict[DocumentKind, Text] = {
    "quote": text("Quote"),
    "binder": text("Binder"),
    "invoice": text("Carrier's invoice"),
    "other": text("Document"),
}


class ProgramDocument(Tenant, Base):
    """A document of a program. `is_shared`: the insured sees it when signed in; nobody else outside does."""

    __tablename__ = "program_document"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("file_id", "stored_file"),
        Index("ix_program_document_program", "agency_id", "program_id"),
        CheckConstraint("kind IN ('quote', 'binder', 'invoice', 'other')", name="kind"),
    )

    program_id: Mapped[int]
    file_id: Mapped[int]
    kind: Mapped[str]
    title: Mapped[str]
    is_shared: Mapped[bool] = mapped_column(default=False)
    added_by: Mapped[str]
    added_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A file that may be kept; its type is of what it holds, never what a browser has said."""

    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SeenDocument:
    """One line of the list; `token` is the name of its file."""

    id: int
    kind: DocumentKind
    title: str
    is_shared: bool
    added_by: str
    added_at: datetime
    token: str


def clean_document(data: bytes) -> CleanFile:
    """What is kept of a file that was sent: a PDF or a picture, written anew either way.

    It only ever leaves as a download.

    Raises:
        BadInput: too large, or neither a PDF nor a picture.
    """
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-2_048:]:
        if len(data) > MOST_BYTES:
            raise BadInput(text("This file is too large: the most is %(most)s. Nothing was stored.", most="10 MB"))
        return CleanFile(PDF, clean_pdf(data))
    try:
        return CleanFile(JPEG, clean_photo(data, most_bytes=MOST_BYTES, most_side=MOST_SIDE))
    except BadInput as error:
        if len(data) > MOST_BYTES:
            raise
        raise BadInput(UNREADABLE) from error


def documents_of(session: Scoped, program_id: int, *, shared_only: bool = False) -> list[SeenDocument]:
    """A program's documents, the newest first.

    Args:
        shared_only: those that the insured sees.
    """
    query = (
        select(ProgramDocument, StoredFile.token)
        .join(StoredFile, StoredFile.id == ProgramDocument.file_id)
        .where(ProgramDocument.program_id == program_id)
        .order_by(ProgramDocument.id.desc())
    )
    if shared_only:
        query = query.where(ProgramDocument.is_shared.is_(True))
    return [
        SeenDocument(row.id, row.kind, row.title, row.is_shared, row.added_by, row.added_at, token)  # type: ignore[arg-type]
        for row, token in session.execute(query)
    ]


def add_document(
    session: Scoped,
    program_id: int,
    kind: str,
    title: str,
    file: CleanFile,
    is_shared: bool,
    actor: Actor,
    at: datetime,
) -> ProgramDocument:
    """Keep a document with a program.

    Args:
        session: a write unit.
        kind: one of `KIND_WORDS`.
        file: what `clean_document` has made.

    Raises:
        NotFound: no such program.
        BadInput: it has too many already.
    """
    if session.scalar(select(Program.id).where(Program.id == program_id)) is None:
        raise NotFound
    if len(documents_of(session, program_id)) >= MOST_DOCUMENTS:
        raise BadInput(text("A program holds at most %(most)s documents. Remove one first.", most=MOST_DOCUMENTS))
    stored = keep_file(session, FILE_KIND, file.content_type, file.data, at)
    document = ProgramDocument(
        program_id=program_id,
        file_id=stored.id,
        kind=kind,
        title=title,
        is_shared=is_shared,
        added_by=actor.name,
        added_at=at,
    )
    session.add(document)
    session.flush()
    action = "program.document_added"
    record(session, actor, action, "program", program_id, at, document=document.id, kind=kind, shared=is_shared)
    return document


def share_document(session: Scoped, program_id: int, document_id: int, actor: Actor, at: datetime) -> bool:
    """Let the insured see a document, or no longer; says which.

    Raises:
        NotFound: the program has no such document.
    """
    document = _document(session, program_id, document_id)
    before, document.is_shared = document.is_shared, not document.is_shared
    action, after = "program.document_shared", document.is_shared
    record(session, actor, action, "program", program_id, at, document=document.id, before=before, after=after)
    session.flush()
    return document.is_shared


def remove_document(session: Scoped, program_id: int, document_id: int, actor: Actor, at: datetime) -> None:
    """Take a document away, file and all.

    Raises:
        NotFound: the program has no such document.
    """
    document = _document(session, program_id, document_id)
    _remove(session, [(document.id, document.file_id)])
    action = "program.document_removed"
    record(session, actor, action, "program", program_id, at, document=document.id, kind=document.kind)
    session.flush()


def remove_documents(session: Scoped, program_ids: Collection[int]) -> None:
    """Erase all documents of programs."""
    query = select(ProgramDocument.id, ProgramDocument.file_id).where(ProgramDocument.program_id.in_(program_ids))
    _remove(session, [(row.id, row.file_id) for row in session.execute(query).all()])


def _document(session: Scoped, program_id: int, document_id: int) -> ProgramDocument:
    query = select(ProgramDocument).where(ProgramDocument.id == document_id, ProgramDocument.program_id == program_id)
    document = session.scalars(query.with_for_update()).one_or_none()
    if document is None:
        raise NotFound
    return document


def _remove(session: Scoped, rows: Collection[tuple[int, int]]) -> None:
    plain = {"synchronize_session": False}
    ids, file_ids = [row[0] for row in rows], [row[1] for row in rows]
    session.execute(delete(ProgramDocument).where(ProgramDocument.id.in_(ids)).execution_options(**plain))
    session.execute(delete(StoredFile).where(StoredFile.id.in_(file_ids)).execution_options(**plain))
