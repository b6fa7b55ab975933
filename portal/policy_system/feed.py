"""BindHQ's feed of events, read from where we are: each event only says which record to look at."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.core.db import run_unit
from portal.core.tenancy import reading, writing
from portal.policy_system.calling import Line
from portal.policy_system.intake import Heard, ObjectType, hear
from portal.policy_system.models import ImportRecord, PolicyConnection
from portal.policy_system.protocol import CursorGone
from portal.policy_system.records import FeedPage

OBJECTS: dict[str, ObjectType] = {
    "policy": "policy", "endorsement": "endorsement", "agency": "agency", "user": "user",
}  # fmt: skip
LOOKS_BACK = timedelta(hours=48)
"""So far back the nightly comparison looks."""
THREADS = 8
"""So many policies' endorsements are asked for at once."""


def poll(line: Line, now: Callable[[], datetime]) -> Counter[str]:
    """Read the feed to its end; what is new waits to be worked. A page and its cursor are kept together.

    A cursor that the feed no longer reaches back to begins anew at its oldest event: what is known changes nothing.

    Raises:
        PolicySystemError: BindHQ refuses, or does not answer.
    """
    counts: Counter[str] = Counter()
    while True:
        cursor = _cursor(line)
        try:
            page = line.system.events(cursor)
        except CursorGone:
            counts["cursor_gone"] += 1
            _keep_cursor(line, None)
            page = line.system.events(None)
            cursor = None
        counts["events"] += len(page.events)
        counts["new"] += _whole(lambda page=page, cursor=cursor: _keep(line, page, cursor, now()))  # type: ignore[misc]
        if not page.has_more:
            return counts


def compare(line: Line, now: Callable[[], datetime]) -> Counter[str]:
    """Compare the policies of the last two days with what is known: what was missed waits to be worked.

    Raises:
        PolicySystemError: BindHQ refuses, or does not answer.
    """
    counts: Counter[str] = Counter()
    page_number: int | None = 1
    while page_number is not None:
        page = line.system.policies(page_number, now() - LOOKS_BACK)
        there = {policy.id: policy.version for policy in page.rows}
        with ThreadPoolExecutor(THREADS, thread_name_prefix="bindhq") as pool:
            found = list(pool.map(line.system.endorsements, there))
        issued = {one.id: one.version for of_policy in found for one in of_policy if one.number > 0}
        missed = [Heard("policy", one, "sweep") for one in _behind(line, "policy", there)]
        missed += [Heard("endorsement", one, "sweep") for one in _behind(line, "endorsement", issued)]
        counts["compared"] += len(page.rows)
        counts["missed"] += len(missed)
        if missed:
            _whole(lambda missed=missed: _hear(line, missed, now()))  # type: ignore[misc]
        page_number = page.next_page
    return counts


def _keep(line: Line, page: FeedPage, cursor: str | None, at: datetime) -> int:
    heard = [
        Heard(OBJECTS[event.object_kind], event.object_id, event.kind)
        for event in page.events
        if event.object_kind in OBJECTS
    ]
    with writing(line.engine, line.agency_id) as session:
        new = hear(session, heard, at)
        mine = PolicyConnection.cursor.is_(None) if cursor is None else PolicyConnection.cursor == cursor
        moving = update(PolicyConnection).where(mine).values(cursor=page.cursor, polled_at=at, wake_at=None)
        session.execute(moving.execution_options(synchronize_session=False))
        return new


def _hear(line: Line, missed: list[Heard], at: datetime) -> int:
    with writing(line.engine, line.agency_id) as session:
        return hear(session, missed, at)


def _whole(unit: Callable[[], int]) -> int:
    """Once more when another poller noted the same at this moment: then it is known."""
    try:
        return run_unit(unit)
    except IntegrityError:
        return run_unit(unit)


def _behind(line: Line, object_type: ObjectType, there: dict[str, int]) -> list[str]:
    """Those that are not known here, or in an older version than they were looked at."""
    with reading(line.engine, line.agency_id) as session:
        rows = session.execute(
            select(ImportRecord.object_id, ImportRecord.version, ImportRecord.state).where(
                ImportRecord.object_type == object_type, ImportRecord.object_id.in_(there)
            )
        )
        known = {row.object_id: row for row in rows}
    return [
        object_id
        for object_id, version in there.items()
        if object_id not in known or (known[object_id].state == "imported" and known[object_id].version < version)
    ]


def _cursor(line: Line) -> str | None:
    with reading(line.engine, line.agency_id) as session:
        return session.scalar(select(PolicyConnection.cursor))


def _keep_cursor(line: Line, cursor: str | None) -> None:
    with writing(line.engine, line.agency_id) as session:
        moving = update(PolicyConnection).values(cursor=cursor)
        session.execute(moving.execution_options(synchronize_session=False))
