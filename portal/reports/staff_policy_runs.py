"""What the jobs have done at BindHQ: each run with its counts, how the feed stands, and the receipts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.policy_system.connection import connection_of
from portal.policy_system.models import ImportRecord, SyncRun
from portal.policy_system.receipt_models import PolicyReceipt
from portal.policy_system.stalled import is_stalled

MOST = 50
LONGEST_RUN = timedelta(minutes=30)
"""An import ends after ten minutes; a first sync of thousands of agencies takes a few."""
KINDS: Mapping[str, Text] = {
    "feed": text("Feed of events"),
    "agencies": text("Agencies and users"),
    "sweep": text("Nightly look at everything"),
    "receipts": text("Receipts"),
}
COUNTS: Mapping[str, Text] = {
    "events": text("events"),
    "new": text("new"),
    "imported": text("imported"),
    "updated": text("updated"),
    "failed": text("failed"),
    "duplicate": text("known already"),
    "ignored": text("left out"),
    "voided": text("voided"),
    "flagged": text("left to staff"),
    "settled": text("settled"),
    "missed": text("found late"),
    "cursor_gone": text("times begun anew"),
    "agencies": text("agencies"),
    "created": text("created"),
    "changed": text("changed"),
    "unchanged": text("unchanged"),
    "inactive": text("inactive"),
    "users": text("users"),
    "looked_at": text("looked at"),
    "put_back": text("put back"),
}
"""Words of what is counted; what has none is shown by its name."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Args:
        seconds: how long it took; None while it goes on, or where its worker died.
        is_lost: its worker died: it began too long ago to go on.
        counts: words and numbers.
    """

    id: int
    kind: Text
    started_at: datetime
    seconds: float | None
    is_lost: bool
    counts: tuple[tuple[Text | str, int], ...]
    errors: tuple[str, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class RunsPage:
    """How it stands, and the latest runs.

    Args:
        waiting, failed: imports.
        receipts: how many receipts are made, on their way, refused and voided.
        kind: of the runs that are shown; empty for all.
        older: where the next page begins.
    """

    is_connected: bool
    polled_at: datetime | None
    is_stalled: bool
    cursor: str
    waiting: int
    failed: int
    receipts: Mapping[str, int]
    runs: tuple[Run, ...]
    kind: str
    older: int | None


def runs_page(session: Scoped, kind: str, before: int | None, at: datetime) -> RunsPage:
    """The page of runs.

    Args:
        kind: of runs; anything unknown means all.
        before: only runs before this one, by its id.
    """
    connection = connection_of(session)
    query = select(SyncRun).order_by(SyncRun.id.desc()).limit(MOST + 1)
    kind = kind if kind in KINDS else ""
    if kind:
        query = query.where(SyncRun.kind == kind)
    if before is not None:
        query = query.where(SyncRun.id < before)
    rows = session.scalars(query).all()
    states = select(ImportRecord.state, func.count(ImportRecord.id)).where(ImportRecord.is_quiet.is_(False))
    imports = dict(session.execute(states.group_by(ImportRecord.state)).all())
    return RunsPage(
        is_connected=connection is not None and connection.is_enabled,
        polled_at=connection.polled_at if connection else None,
        is_stalled=is_stalled(connection, at),
        cursor=(connection.cursor or "") if connection else "",
        waiting=imports.get("queued", 0) + imports.get("processing", 0),
        failed=imports.get("failed", 0),
        receipts=_receipts(session),
        runs=tuple(_run(row, at) for row in rows[:MOST]),
        kind=kind,
        older=rows[MOST - 1].id if len(rows) > MOST else None,
    )


def _receipts(session: Scoped) -> Mapping[str, int]:
    query = select(PolicyReceipt.state, func.count(PolicyReceipt.id)).group_by(PolicyReceipt.state)
    states = dict(session.execute(query).all())
    return {
        "made": states.get("made", 0),
        "waiting": sum(states.get(state, 0) for state in ("wanted", "sending", "voiding")),
        "refused": states.get("refused", 0),
        "voided": states.get("voided", 0),
    }


def _run(row: SyncRun, at: datetime) -> Run:
    ended = row.ended_at
    return Run(
        id=row.id,
        kind=KINDS.get(row.kind, text("Run")),
        started_at=row.started_at,
        seconds=(ended - row.started_at).total_seconds() if ended else None,
        is_lost=ended is None and at - row.started_at > LONGEST_RUN,
        counts=tuple((COUNTS.get(name, name.replace("_", " ")), number) for name, number in row.counts.items()),
        errors=tuple(row.errors),
        cursor=row.cursor or "",
    )
