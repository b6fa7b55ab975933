"""The index of words by which staff find programs and one-time payments, the same on both databases.

It follows by itself: a unit that adds or changes what is searched writes the words anew before it ends. Only a
statement that changes or deletes rows without loading them has to say whose words are old (`words_are_old`).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Index, UniqueConstraint, delete, event, insert, inspect, select
from sqlalchemy.orm import Mapped, ORMExecuteState, mapped_column

from portal.core.db import Base, by_letters
from portal.core.tenancy import Scoped, Tenant, belongs_to, tenant_table
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.programs.models import Policy, Program
from portal.programs.words import words_of

_BATCH = 500


class ProgramWord(Tenant, Base):
    """A word that a program is found by."""

    __tablename__ = "program_word"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        UniqueConstraint("agency_id", "word", "program_id"),
        Index("ix_program_word_program", "agency_id", "program_id", "word"),
    )

    word: Mapped[str] = mapped_column(by_letters())
    program_id: Mapped[int]


class OneTimeWord(Tenant, Base):
    """A word that a one-time payment is found by."""

    __tablename__ = "one_time_word"
    __table_args__ = tenant_table(
        belongs_to("invoice_id", "invoice"),
        UniqueConstraint("agency_id", "word", "invoice_id"),
        Index("ix_one_time_word_invoice", "agency_id", "invoice_id", "word"),
    )

    word: Mapped[str] = mapped_column(by_letters())
    invoice_id: Mapped[int]


@dataclass(slots=True)
class _Old:
    """What a unit has changed: whose words are to be written anew at its end."""

    programs: set[int] = field(default_factory=set)
    references: set[str] = field(default_factory=set)
    insureds: set[int] = field(default_factory=set)
    one_times: set[int] = field(default_factory=set)


_SEARCHED: dict[type, tuple[str, ...]] = {
    Program: ("name", "reference", "contact_email", "insured_id"),
    Policy: ("policy_number", "program_id"),
    Insured: ("name",),
    InsuredEmail: ("email", "insured_id"),
    Invoice: ("number", "description", "contact_email", "insured_id"),
}
"""What is searched, by model; an invoice of a program is found by its number alone, in the invoice's own index."""


def words_are_old(session: Scoped, *, insured_ids: Collection[int] = (), program_ids: Collection[int] = ()) -> None:
    """A statement changed rows of these insureds or programs; their words are written anew when the unit ends."""
    old = _old(session)
    old.insureds.update(insured_ids)
    old.programs.update(program_ids)


def _old(session: Any) -> _Old:
    found: _Old = session.info.setdefault("old words", _Old())
    return found


@event.listens_for(Scoped, "after_flush")
def _rows_written(session: Scoped, _context: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        searched = _SEARCHED.get(type(row))
        if searched is None:
            continue
        seen = inspect(row)
        if row not in session.deleted and not any(seen.attrs[name].history.has_changes() for name in searched):
            continue
        match row:
            case Program():
                _old(session).programs.add(row.id)
            case Policy():
                _old(session).programs.add(row.program_id)
            case Insured():
                _old(session).insureds.add(row.id)
            case InsuredEmail():
                _old(session).insureds.add(row.insured_id)
            case Invoice() if row.program_id is None:
                _old(session).one_times.add(row.id)


@event.listens_for(Scoped, "do_orm_execute")
def _rows_inserted(state: ORMExecuteState) -> None:
    """Rows inserted many at a time: what they say of themselves is enough to find them again."""
    if not state.is_insert or state.bind_mapper is None or state.bind_mapper.class_ not in _SEARCHED:
        return
    given: Any = state.parameters or {}
    rows = given if isinstance(given, list) else [given]
    old, model = _old(state.session), state.bind_mapper.class_
    if model is Program:
        old.references.update(row["reference"] for row in rows)
    elif model is Policy:
        old.programs.update(row["program_id"] for row in rows)
    elif model is InsuredEmail:
        old.insureds.update(row["insured_id"] for row in rows)


@event.listens_for(Scoped, "before_commit")
def _unit_ends(session: Scoped) -> None:
    if not session.writes:
        return
    session.flush()
    old: _Old | None = session.info.pop("old words", None)
    if old is None:
        return
    programs, one_times = old.programs, old.one_times
    for batch in _batches(sorted(old.references)):
        programs |= set(session.scalars(select(Program.id).where(Program.reference.in_(batch))))
    for insureds in _batches(sorted(old.insureds)):
        programs |= set(session.scalars(select(Program.id).where(Program.insured_id.in_(insureds))))
        of_insureds = select(Invoice.id).where(Invoice.insured_id.in_(insureds), Invoice.program_id.is_(None))
        one_times |= set(session.scalars(of_insureds))
    for ids in _batches(sorted(programs)):
        _write_programs(session, ids)
    for ids in _batches(sorted(one_times)):
        _write_one_times(session, ids)


def _write_programs(session: Scoped, ids: Sequence[int]) -> None:
    """Write the words of programs anew, one unit after another: the program is held meanwhile."""
    held = select(Program.id).where(Program.id.in_(ids)).order_by(Program.id).with_for_update(key_share=True)
    session.execute(held).all()
    session.execute(delete(ProgramWord).where(ProgramWord.program_id.in_(ids)), execution_options=_UNSEEN)
    programs = session.execute(
        select(Program.id, Program.name, Program.reference, Program.contact_email, Program.insured_id, Insured.name)
        .join(Insured, Insured.id == Program.insured_id)
        .where(Program.id.in_(ids))
    ).all()
    emails = _emails(session, {row.insured_id for row in programs})
    policies: dict[int, list[str]] = {}
    for program_id, number in session.execute(
        select(Policy.program_id, Policy.policy_number).where(Policy.program_id.in_(ids))
    ):
        policies.setdefault(program_id, []).append(number)
    rows = [
        {"program_id": program_id, "word": word}
        for program_id, name, reference, own_email, insured_id, insured_name in programs
        for word in words_of(
            (name, insured_name),
            (reference, own_email or "", *emails.get(insured_id, ()), *policies.get(program_id, ())),
        )
    ]
    if rows:
        session.execute(insert(ProgramWord), rows)


def _write_one_times(session: Scoped, ids: Sequence[int]) -> None:
    """Write the words of one-time payments anew."""
    held = select(Invoice.id).where(Invoice.id.in_(ids)).order_by(Invoice.id).with_for_update(key_share=True)
    session.execute(held).all()
    session.execute(delete(OneTimeWord).where(OneTimeWord.invoice_id.in_(ids)), execution_options=_UNSEEN)
    invoices = session.execute(
        select(Invoice.id, Invoice.number, Invoice.description, Invoice.contact_email, Invoice.insured_id, Insured.name)
        .join(Insured, Insured.id == Invoice.insured_id)
        .where(Invoice.id.in_(ids))
    ).all()
    emails = _emails(session, {row.insured_id for row in invoices})
    rows = [
        {"invoice_id": invoice_id, "word": word}
        for invoice_id, number, description, own_email, insured_id, insured_name in invoices
        for word in words_of((description, insured_name), (number, own_email or "", *emails.get(insured_id, ())))
    ]
    if rows:
        session.execute(insert(OneTimeWord), rows)


def _emails(session: Scoped, insured_ids: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = select(InsuredEmail.insured_id, InsuredEmail.email).where(InsuredEmail.insured_id.in_(insured_ids))
    for insured_id, email in session.execute(query) if insured_ids else ():
        found.setdefault(insured_id, []).append(email)
    return found


_UNSEEN = {"synchronize_session": False}


def _batches(items: Sequence[Any]) -> Iterator[list[Any]]:
    remaining = iter(items)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
