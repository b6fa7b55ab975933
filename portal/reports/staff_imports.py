"""What has come in from BindHQ as staff look through it: by state and kind, searched; one with why it failed."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, exists, func, select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.models import Insured
from portal.policy_system.models import ImportAttempt, ImportRecord, PolicyConnection
from portal.programs.models import Program

PAGE = 50
LONGEST_PAYLOAD = 100_000
Show = Literal["failed", "all", "queued", "imported", "duplicate", "ignored", "voided"]
SHOW_WORDS: dict[Show, Text] = {
    "failed": text("Failed"),
    "all": text("All"),
    "queued": text("Waiting"),
    "imported": text("Imported"),
    "duplicate": text("Came in again"),
    "ignored": text("Ignored"),
    "voided": text("Voided"),
}
TYPE_WORDS: dict[str, Text] = {
    "policy": text("Policy"),
    "endorsement": text("Endorsement"),
    "agency": text("Agency"),
    "user": text("User"),
}
OUTCOME_WORDS: dict[str, Text] = {
    "imported": text("Imported"),
    "updated": text("Brought up to date"),
    "failed": text("Failed"),
    "duplicate": text("Nothing new"),
    "ignored": text("Ignored"),
    "voided": text("Voided"),
    "flagged": text("Left to you"),
    "unanswered": text("No answer from BindHQ"),
}
TRIGGER_WORDS: dict[str, Text] = {"event": text("By itself"), "staff": text("By hand"), "sweep": text("At night")}


@dataclass(frozen=True, slots=True)
class ImportFilter:
    """What is wanted.

    Args:
        show: by how it stands.
        kind: of object; empty for all.
        words: in the insured, the policy number, or BindHQ's number.
        before: the id that the page before ended with.
    """

    show: Show = "failed"
    kind: str = ""
    words: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class ListedImport:
    """One line of the list.

    Args:
        reason: the first thing that stands against it; empty if nothing does.
        reasons: how many there are.
    """

    id: int
    kind: Text
    object_id: str
    number: str
    name: str
    state: str
    reason: str
    reasons: int
    heard_at: datetime
    program_id: int | None


@dataclass(frozen=True, slots=True)
class ImportPage:
    """One page of the list.

    Args:
        count: of all that fit.
        before: with what the next page begins; None on the last.
        coming: how many wait to be worked, whatever is shown.
    """

    imports: tuple[ListedImport, ...]
    count: int
    before: int | None
    coming: int


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt."""

    at: datetime
    trigger: Text
    by: str
    version: int
    outcome: Text
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportDetail:
    """One import with all that is known of it.

    Args:
        failures: each with code, field, value, message and severity.
        payload: as it came, indented.
        program: its reference and the insured's id and name, if it became one.
        related: other records of the same policy.
    """

    record: ImportRecord
    kind: Text
    failures: Sequence[dict[str, str]]
    payload: str
    program: tuple[str, int, str] | None
    attempts: tuple[Tried, ...]
    related: tuple[ListedImport, ...]

    @property
    def needs_contact(self) -> bool:
        """Whether the customer's contact has to be named before it can be financed."""
        return any(one["code"] == "BHQ_INSURED_CONTACT_NAME_NEEDED" for one in self.failures)


def import_page(session: Scoped, wanted: ImportFilter) -> ImportPage:
    """Fifty imports, the newest first."""
    fits = _fits(wanted)
    count = session.scalar(select(func.count(ImportRecord.id)).where(*fits)) or 0
    query = select(ImportRecord).where(*fits).order_by(ImportRecord.id.desc())
    if wanted.before is not None:
        query = query.where(ImportRecord.id < wanted.before)
    rows = session.scalars(query.limit(PAGE + 1)).all()
    coming = select(func.count(ImportRecord.id)).where(ImportRecord.state.in_(("queued", "processing")))
    return ImportPage(
        tuple(_listed(row) for row in rows[:PAGE]),
        count,
        rows[PAGE - 1].id if len(rows) > PAGE else None,
        session.scalar(coming) or 0,
    )


def fitting_ids(session: Scoped, wanted: ImportFilter, most: int) -> list[int]:
    """Ids of all that fit, whatever page, up to `most`."""
    query = select(ImportRecord.id).where(*_fits(wanted)).order_by(ImportRecord.id.desc())
    return list(session.scalars(query.limit(most)))


CSV_HEADER = ("kind", "bindhq_id", "policy_number", "name", "status", "codes", "heard_at")


def csv_rows(session: Scoped, wanted: ImportFilter) -> Iterator[tuple[object, ...]]:
    """All that fit, for a spreadsheet."""
    query = select(ImportRecord).where(*_fits(wanted)).order_by(ImportRecord.id.desc())
    for row in session.scalars(query.execution_options(yield_per=1_000)):
        codes = ", ".join(one["code"] for one in row.failures)
        yield row.object_type, row.object_id, row.number, row.name, row.state, codes, row.heard_at.isoformat()


def import_detail(session: Scoped, import_id: int) -> ImportDetail | None:
    """One import; None if the agency has none with this id."""
    record = session.get(ImportRecord, import_id)
    if record is None:
        return None
    program = None
    if record.program_id is not None:
        query = select(Program.reference, Insured.id, Insured.name).join(Insured, Insured.id == Program.insured_id)
        program = session.execute(query.where(Program.id == record.program_id)).one()
    tries = select(ImportAttempt).where(ImportAttempt.record_id == import_id).order_by(ImportAttempt.id.desc())
    return ImportDetail(
        record=record,
        kind=TYPE_WORDS[record.object_type],
        failures=record.failures,
        payload=_indented(record.payload),
        program=program,
        attempts=tuple(_tried(row) for row in session.scalars(tries.limit(PAGE))),
        related=tuple(_listed(row) for row in session.scalars(_related(record).limit(PAGE))),
    )


def incomplete_quotes(session: Scoped) -> int | None:
    """How many imports have failed and wait for somebody; None where BindHQ was never connected."""
    if session.scalar(select(PolicyConnection.id)) is None:
        return None
    failed = select(func.count(ImportRecord.id)).where(*_fits(ImportFilter()))
    return session.scalar(failed) or 0


def _fits(wanted: ImportFilter) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    match wanted.show:
        case "all":
            fits.append(ImportRecord.is_quiet.is_(False))
        case "queued":
            fits.append(ImportRecord.state.in_(("queued", "processing")))
        case "duplicate":
            again = exists().where(
                ImportAttempt.agency_id == ImportRecord.agency_id,
                ImportAttempt.record_id == ImportRecord.id,
                ImportAttempt.outcome == "duplicate",
            )
            fits.append(again)
        case state:
            fits.append(ImportRecord.state == state)
    if wanted.kind:
        fits.append(ImportRecord.object_type == wanted.kind)
    fits += [ImportRecord.search_key.contains(word, autoescape=True) for word in wanted.words.lower().split()[:5]]
    return fits


def _related(record: ImportRecord) -> Any:
    query = select(ImportRecord).order_by(ImportRecord.id)
    if record.object_type == "endorsement" and record.parent_id:
        mine = ImportRecord.object_id == record.parent_id
        return query.where(ImportRecord.object_type == "policy", mine)
    return query.where(ImportRecord.object_type == "endorsement", ImportRecord.parent_id == record.object_id)


def _listed(row: ImportRecord) -> ListedImport:
    return ListedImport(
        id=row.id,
        kind=TYPE_WORDS[row.object_type],
        object_id=row.object_id,
        number=row.number,
        name=row.name,
        state=f"import_{row.state}",
        reason=row.failures[0]["message"] if row.failures else "",
        reasons=len(row.failures),
        heard_at=row.heard_at,
        program_id=row.program_id,
    )


def _tried(row: ImportAttempt) -> Tried:
    codes = tuple(one["code"] for one in row.failures)
    return Tried(row.at, TRIGGER_WORDS[row.trigger], row.by, row.version, OUTCOME_WORDS[row.outcome], codes)


def _indented(payload: str) -> str:
    try:
        shown = json.dumps(json.loads(payload), indent=2, ensure_ascii=False) if payload else ""
    except ValueError:
        shown = payload
    return shown[:LONGEST_PAYLOAD]
