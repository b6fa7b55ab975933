"""The runs of the jobs at BindHQ: what each is about, begun and ended, counted and kept."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

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

    def run(counts: Counter[str]) -> None:
        counts += poll(line, now)
        counts += work(line, now, within)

    _kept(line, "feed", now, run)


def sync_agencies(line: Line, now: Callable[[], datetime]) -> None:
    """The hourly sync; once a night of everything, with a comparison of the policies of late."""
    with writing(line.engine, line.agency_id) as session:
        row = connection_of(session)
        everything = row is None or row.swept_at is None or now() - row.swept_at >= SWEEP_AFTER

    def run(counts: Counter[str]) -> None:
        counts += sync_retail(line, now, everything=everything)
        if everything:
            counts += compare(line, now)

    _kept(line, "sweep" if everything else "agencies", now, run)


def is_new(line: Line) -> bool:
    """Whether nothing was ever read there."""
    with reading(line.engine, line.agency_id) as session:
        row = connection_of(session)
        return row is not None and row.agencies_synced_at is None


def _kept(line: Line, kind: str, now: Callable[[], datetime], run: Callable[[Counter[str]], None]) -> None:
    """Run it, and keep what it did: a look at the feed that found nothing leaves no trace."""
    counts: Counter[str] = Counter()
    started, errors = now(), list[str]()
    try:
        run(counts)
        note_answer(line.engine, line.agency_id, now())
    except PolicySystemError as error:
        errors.append(f"{type(error).__name__}: {error}"[:300])
        note_trouble(line.engine, line.agency_id, error, now())
    if kind == "feed" and not errors and not counts:
        return
    _keep(line.engine, line.agency_id, kind, started, now(), counts, errors)


def _keep(
    engine: Engine,
    agency_id: int,
    kind: str,
    started: datetime,
    ended: datetime,
    counts: Counter[str],
    errors: list[str],
) -> None:
    with writing(engine, agency_id) as session:
        cursor = session.scalar(select(PolicyConnection.cursor))
        session.add(
            SyncRun(
                kind=kind, started_at=started, ended_at=ended, counts=dict(+counts), errors=errors, cursor=cursor,
            )
        )  # fmt: skip
