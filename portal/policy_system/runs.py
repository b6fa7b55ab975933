"""The runs of the jobs at BindHQ: what each is about, begun and ended, counted and kept."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.core.tenancy import reading, writing
from portal.policy_system.calling import Line, note_answer, note_trouble
from portal.policy_system.connection import connection_of
from portal.policy_system.feed import compare, poll
from portal.policy_system.models import PolicyConnection, SyncRun
from portal.policy_system.protocol import PolicySystemError
from portal.policy_system.retail_sync import sync_retail
from portal.policy_system.work import work

SWEEP_AFTER = timedelta(hours=23)
"""Everything is looked at again so long after the last time: once a night."""


def import_policies(line: Line, now: Callable[[], datetime], within: Callable[[], bool]) -> None:
    """Read the feed and work what waits. Each counts for itself: a feed that is silent does not stop what is queued.

    Args:
        within: whether another batch may be begun.
    """

    def run(counts: Counter[str], tell: Callable[[], None]) -> None:
        counts += poll(line, now)
        work(line, now, within, counts, tell)

    _kept(line, "feed", now, run)


def sync_agencies(line: Line, now: Callable[[], datetime]) -> None:
    """The hourly sync; once a night of everything, with a comparison of the policies of late.

    The first time there is nothing to compare: the feed is read from its oldest event.
    """
    with reading(line.engine, line.agency_id) as session:
        row = connection_of(session)
        everything = row is None or row.swept_at is None or now() - row.swept_at >= SWEEP_AFTER
        is_first = row is None or row.agencies_synced_at is None

    def run(counts: Counter[str], tell: Callable[[], None]) -> None:
        sync_retail(line, now, counts, tell, everything=everything)
        if everything and not is_first:
            counts += compare(line, now)

    _kept(line, "sweep" if everything else "agencies", now, run)


def is_new(line: Line) -> bool:
    """Whether nothing was ever read there."""
    with reading(line.engine, line.agency_id) as session:
        row = connection_of(session)
        return row is not None and row.agencies_synced_at is None


def _kept(
    line: Line, kind: str, now: Callable[[], datetime], run: Callable[[Counter[str], Callable[[], None]], None]
) -> None:
    """Run it, and keep what it does, from its first count on; a look at the feed that finds nothing leaves no trace.

    Args:
        run: counts what it does, and tells after each part of it.
    """
    counts: Counter[str] = Counter()
    started, errors = now(), list[str]()
    run_id: int | None = None

    def tell() -> None:
        nonlocal run_id
        run_id = _keep(line, run_id, _Stand(kind, started, None, dict(+counts), errors))

    try:
        run(counts, tell)
        note_answer(line.engine, line.agency_id, now())
    except PolicySystemError as error:
        errors.append(f"{type(error).__name__}: {error}"[:300])
        note_trouble(line.engine, line.agency_id, error, now())
    if kind == "feed" and not errors and not +counts:
        return
    _keep(line, run_id, _Stand(kind, started, now(), dict(+counts), errors))


@dataclass(frozen=True, slots=True)
class _Stand:
    """How far a run has come; it goes on while it has no end."""

    kind: str
    started_at: datetime
    ended_at: datetime | None
    counts: dict[str, int]
    errors: list[str]


def _keep(line: Line, run_id: int | None, stand: _Stand) -> int:
    """Write down how far a run has come; its id."""
    with writing(line.engine, line.agency_id) as session:
        row = session.get(SyncRun, run_id) if run_id is not None else None
        if row is None:
            row = SyncRun(kind=stand.kind, started_at=stand.started_at)
            session.add(row)
        row.ended_at, row.counts, row.errors = stand.ended_at, stand.counts, list(stand.errors)
        row.cursor = session.scalar(select(PolicyConnection.cursor))
        session.flush()
        return row.id
