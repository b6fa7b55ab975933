"""What was heard of waits here to be worked: noted once, leased to one worker, and ended by the one who has it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Engine, case, func, select, update

from portal.core.tenancy import Scoped, reading, writing
from portal.policy_system.models import ImportAttempt, ImportRecord
from portal.policy_system.rules import Failure

ObjectType = Literal["policy", "endorsement", "agency", "user"]
State = Literal["imported", "failed", "ignored", "voided"]
Outcome = Literal["imported", "updated", "failed", "duplicate", "ignored", "voided", "flagged", "unanswered"]
LEASE = timedelta(minutes=5)
"""So long a worker has a record. It must outlast the calls for a whole batch, else another one looks at it too: which
does no harm, since the one who ends it must still have it."""
_longest_wait = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Heard:
    """News of an object.

    Args:
        kind: of the event, like policy.reinstated; or of what else asks for a look.
    """

    object_type: ObjectType
    object_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Leased:
    """A record that this worker has. `attempts` proves it; `asked` is how much was heard when it was taken."""

    id: int
    object_type: str
    object_id: str
    attempts: int
    asked: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt came out.

    Args:
        state: of the record from now on.
        version: of what was looked at; 0 where nothing could be.
    """

    state: State
    outcome: Outcome
    version: int = 0
    failures: Sequence[Failure] = ()


def hear(session: Scoped, news: Iterable[Heard], at: datetime) -> int:
    """Take note that objects are to be looked at; what is noted already is looked at once more. Says how many are new.

    Args:
        session: a write unit. Another one that notes the same at this moment makes one of both fail: run it again.
    """
    kinds: dict[tuple[str, str], list[str]] = {}
    for one in news:
        kinds.setdefault((one.object_type, one.object_id), []).append(one.kind)
    if not kinds:
        return 0
    ids = {object_id for _, object_id in kinds}
    query = select(ImportRecord).where(ImportRecord.object_id.in_(ids)).order_by(ImportRecord.id).with_for_update()
    known = {
        (row.object_type, row.object_id): row
        for row in session.scalars(query.execution_options(populate_existing=True))
    }
    new = 0
    for key, heard in kinds.items():
        row = known.get(key)
        if row is None:
            new += 1
            object_type, object_id = key
            session.add(
                ImportRecord(
                    object_type=object_type, object_id=object_id, state="queued", news=sorted(set(heard)), failures=[],
                    lease_until=at, heard_at=at,
                )
            )  # fmt: skip
            continue
        row.asked += 1
        row.news = sorted({*row.news, *heard})
        row.heard_at = at
        if row.state != "processing":
            row.state, row.lease_until = "queued", at
    session.flush()
    return new


def lease(engine: Engine, agency_id: int, most: int, at: datetime) -> list[Leased]:
    """Take due records for this worker, policies before endorsements, each by its number; those that another worker
    takes at this moment are left to it, and the next ones taken."""
    due = ImportRecord.state.in_(("queued", "processing")), ImportRecord.lease_until <= at
    number = ImportRecord.object_id
    turn = case((ImportRecord.object_type == "endorsement", 1), else_=0), func.length(number), number
    with reading(engine, agency_id) as session:
        if session.scalar(select(ImportRecord.id).where(*due).limit(1)) is None:
            return []
    first = select(ImportRecord.id).where(*due).order_by(*turn).limit(most).with_for_update(skip_locked=True)
    take = (
        update(ImportRecord)
        .values(state="processing", lease_until=at + LEASE, attempts=ImportRecord.attempts + 1)
        .returning(
            ImportRecord.id,
            ImportRecord.object_type,
            ImportRecord.object_id,
            ImportRecord.attempts,
            ImportRecord.asked,
            ImportRecord.unanswered,
        )
        .execution_options(synchronize_session=False)
    )
    with writing(engine, agency_id) as session:
        ids = session.scalars(first).all()
        taken = [Leased(*row) for row in session.execute(take.where(ImportRecord.id.in_(ids)))] if ids else []
    order = {record_id: place for place, record_id in enumerate(ids)}
    return sorted(taken, key=lambda one: order[one.id])


def hold(session: Scoped, leased: Sequence[Leased]) -> dict[int, ImportRecord]:
    """The records that this worker still has, held until the unit ends; by id."""
    mine = {one.id: one.attempts for one in leased}
    query = select(ImportRecord).where(ImportRecord.id.in_(mine)).order_by(ImportRecord.id).with_for_update()
    rows = session.scalars(query.execution_options(populate_existing=True)).all()
    return {row.id: row for row in rows if row.state == "processing" and row.attempts == mine[row.id]}


def end(session: Scoped, record: ImportRecord, leased: Leased, ended: Ended, at: datetime) -> None:
    """An attempt has come to its end; what was heard meanwhile has it looked at again.

    Args:
        session: the unit that holds the record.
    """
    is_more = record.asked > leased.asked
    if ended.outcome != "duplicate":
        record.failures = [one.stored() for one in ended.failures]
    if ended.state != "failed":
        record.version = max(record.version, ended.version)
    record.worked, record.unanswered, record.done_at = leased.asked, 0, at
    record.state = "queued" if is_more else ended.state
    record.lease_until = at
    if not is_more:
        record.news = []
    _note(session, record, ended, at)


def put_back(session: Scoped, record: ImportRecord, at: datetime) -> None:
    """Nothing is wrong with it: it is only too early for it."""
    record.state, record.lease_until = "queued", at


def unanswered(session: Scoped, record: ImportRecord, failure: Failure, again_at: datetime, at: datetime) -> None:
    """BindHQ did not answer: it is tried again."""
    record.state, record.lease_until = "queued", again_at
    record.unanswered += 1
    record.failures = [failure.stored()]
    if record.unanswered == 1:
        _note(session, record, Ended("failed", "unanswered", 0, [failure]), at)


def wait_after(times: int) -> timedelta:
    """How long a record rests after BindHQ did not answer.

    >>> wait_after(1).seconds, wait_after(3).seconds, wait_after(40).seconds
    (60, 240, 1800)
    """
    doubled: int = 2 ** min(times - 1, 10)
    return min(timedelta(minutes=doubled), _longest_wait)


def _note(session: Scoped, record: ImportRecord, ended: Ended, at: datetime) -> None:
    asked_by = next((kind.partition(":")[2] for kind in record.news if kind.startswith("staff:")), "")
    session.add(
        ImportAttempt(
            record_id=record.id,
            trigger="staff" if asked_by else "event",
            by=asked_by,
            version=ended.version,
            outcome=ended.outcome,
            failures=[one.stored() for one in ended.failures],
            at=at,
        )
    )
