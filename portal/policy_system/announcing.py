"""What asks for a look at BindHQ at once: a webhook, or staff who re-sync. The look itself is the job's."""

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.tenancy import Scoped
from portal.policy_system.intake import Heard, hear
from portal.policy_system.models import ImportRecord, PolicyEvent

MOST_AT_ONCE = 1_000


def keep_announcement(session: Scoped, event_id: str, kind: str, at: datetime) -> bool:
    """Keep a webhook by its event's id, which wakes the job; says whether it is new.

    Args:
        session: a write unit. Two at the same moment: one of them fails, and is sent again.
    """
    if session.scalar(select(PolicyEvent.id).where(PolicyEvent.event_id == event_id)) is not None:
        return False
    session.add(PolicyEvent(event_id=event_id, kind=kind, received_at=at))
    session.flush()
    return True


def re_sync(session: Scoped, record_ids: Collection[int], actor: Actor, at: datetime) -> int:
    """Look at these again at once, whatever came of them before; says how many.

    Args:
        session: a write unit.
    """
    rows = session.execute(
        select(ImportRecord.object_type, ImportRecord.object_id).where(ImportRecord.id.in_(record_ids))
    ).all()
    hear(session, [Heard(row.object_type, row.object_id, f"staff:{actor.name}") for row in rows], at)
    if rows:
        record(session, actor, "import.asked_again", "agency", session.agency_id, at, count=len(rows))
        keep_announcement(session, f"staff:{secrets.token_hex(8)}", "staff", at)
    return len(rows)


def failed_for(session: Scoped, code: str, value: str) -> list[int]:
    """The failed imports that a failure of this code and value stands against: what mends one mends them all."""
    failed = select(ImportRecord.id, ImportRecord.failures).where(ImportRecord.state == "failed")
    return [
        row.id
        for row in session.execute(failed)
        if any(one["code"] == code and one["value"] == value for one in row.failures)
    ][:MOST_AT_ONCE]
