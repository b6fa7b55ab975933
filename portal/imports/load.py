"""Load a programs file into an agency: what is new comes in, what is the same stays, what has changed is reported.

A file is worked in chunks of whole programs, each one transaction: a load that was cut off is completed by
running it again, and people can pay meanwhile. Nothing is ever mailed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from portal.core.db import refresh_statistics, run_unit
from portal.core.tenancy import Scoped, reading, writing
from portal.core.text import Text, text
from portal.imports.programs_csv import ProgramFile
from portal.servicing.bind import Binding, bind_programs
from portal.servicing.changes import Change, insured_changes, keep_insured, keep_program, program_changes
from portal.servicing.drafts import ProgramDraft
from portal.servicing.merge import follow_merged
from portal.servicing.rebind import rebind_program, update_insured, why_locked
from portal.servicing.stored import StoredProgram, stored_insureds, stored_programs

CHUNK = 250
REFRESH_AFTER = {1, 4, 16}
NOT_ASKED = text("Not applied. Run it again with --update to apply it.")


@dataclass(frozen=True, slots=True)
class Changed:
    """An insured or program that differs from what is stored. `why_not` says why it was left as it is."""

    kind: str
    reference: str
    changes: tuple[Change, ...]
    why_not: Text | None


@dataclass(slots=True)
class Loaded:
    """What a load did, or in a dry run would do."""

    created: int = 0
    policies: int = 0
    unchanged: int = 0
    updated: int = 0
    changed: list[Changed] = field(default_factory=list)

    def add(self, other: "Loaded") -> None:
        """Add the outcome of a chunk."""
        self.created += other.created
        self.policies += other.policies
        self.unchanged += other.unchanged
        self.updated += other.updated
        self.changed += other.changed


def load_programs(
    engine: Engine,
    agency_id: int,
    file: ProgramFile,
    binding: Binding,
    *,
    update: bool = False,
    dry_run: bool = False,
    on_progress: Callable[[int], None] = lambda _programs: None,
) -> Loaded:
    """Load the programs of a file that have no error; whether to load a file with errors at all is the caller's choice.

    Args:
        engine: the database.
        agency_id: whose programs they are.
        file: as read.
        binding: by whom and when.
        update: apply what has changed: contact data always, programs and policies while nothing is paid.
        dry_run: change nothing.
        on_progress: told the number of programs after each chunk.
    """
    total = Loaded()
    insureds_done: set[str] = set()
    for number, chunk in enumerate(_chunks(file.programs), 1):

        def unit(chunk: Sequence[ProgramDraft] = chunk) -> Loaded:
            with _session(engine, agency_id, dry_run) as session:
                return _load_chunk(session, chunk, file, binding, insureds_done, update, dry_run)

        total.add(_whole(unit))
        insureds_done.update(draft.insured.reference for draft in chunk)
        if number in REFRESH_AFTER and total.created:
            refresh_statistics(engine)
        on_progress(len(chunk))
    return total


def _whole(unit: Callable[[], Loaded]) -> Loaded:
    """Run a chunk; once more when another import brought in the same insured or program meanwhile: then it is known."""
    try:
        return run_unit(unit)
    except IntegrityError:
        return run_unit(unit)


def _session(engine: Engine, agency_id: int, dry_run: bool) -> AbstractContextManager[Scoped]:
    return reading(engine, agency_id) if dry_run else writing(engine, agency_id)


def _load_chunk(
    session: Scoped,
    chunk: Sequence[ProgramDraft],
    file: ProgramFile,
    binding: Binding,
    insureds_done: set[str],
    update: bool,
    dry_run: bool,
) -> Loaded:
    done, chunk = Loaded(), follow_merged(session, chunk)
    done.changed += _insureds(session, chunk, file, binding, insureds_done, update, dry_run)
    known = stored_programs(session, [draft.reference for draft in chunk], lock=update and not dry_run)
    new = [draft for draft in chunk if draft.reference not in known]
    if not dry_run:
        bind_programs(session, new, binding)
    done.created = len(new)
    done.policies = sum(len(draft.policies) for draft in new)
    for draft in chunk:
        if draft.reference not in known:
            continue
        changed = _program(session, known[draft.reference], draft, file, binding, update, dry_run)
        if changed is None:
            done.unchanged += 1
        else:
            done.changed.append(changed)
    done.updated = sum(changed.why_not is None for changed in done.changed)
    return done


def _insureds(
    session: Scoped,
    chunk: Sequence[ProgramDraft],
    file: ProgramFile,
    binding: Binding,
    done: set[str],
    update: bool,
    dry_run: bool,
) -> Iterator[Changed]:
    drafts = {draft.insured.reference: draft.insured for draft in chunk if draft.insured.reference not in done}
    for reference, stored in stored_insureds(session, drafts).items():
        wanted = keep_insured(drafts[reference], stored.draft, file.given)
        changes = insured_changes(stored.draft, wanted)
        if not changes:
            continue
        if update and not dry_run:
            update_insured(session, stored, wanted, binding)
        yield Changed("insured", reference, tuple(changes), None if update else NOT_ASKED)


def _program(
    session: Scoped,
    stored: StoredProgram,
    draft: ProgramDraft,
    file: ProgramFile,
    binding: Binding,
    update: bool,
    dry_run: bool,
) -> Changed | None:
    wanted = keep_program(draft, stored.draft, file.given)
    changes = program_changes(stored.draft, wanted)
    if not changes:
        return None
    why_not = why_locked(stored, wanted)
    if why_not is None and not update:
        why_not = NOT_ASKED
    if why_not is None and not dry_run:
        rebind_program(session, stored, wanted, binding)
    return Changed("program", draft.reference, tuple(changes), why_not)


def _chunks(drafts: Iterable[ProgramDraft]) -> Iterator[list[ProgramDraft]]:
    remaining = iter(drafts)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
