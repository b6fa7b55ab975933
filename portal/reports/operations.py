"""How the deployment is doing, in numbers that are about nobody: for `/metrics` and `/readyz`."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from portal.agencies.models import Agency
from portal.core.heartbeat import last_beat
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, reading_global
from portal.payments.models import GatewayEvent, Payment


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to be worked: how much, and for how many seconds the oldest has been due."""

    rows: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """All agencies together. `heartbeat_seconds`: since jobs were last worked; None: never."""

    payments: Mapping[str, int]
    outbox: Waiting
    inbox: Waiting
    heartbeat_seconds: float | None


def numbers(engine: Engine, at: datetime) -> Numbers:
    """Count, agency by agency.

    Args:
        at: now.
    """
    payments: Counter[str] = Counter()
    rows, oldest = 0, at
    with reading_global(engine) as session:
        agency_ids = session.scalars(select(Agency.id)).all()
        in_count, in_oldest = session.execute(
            select(func.count(GatewayEvent.id), func.min(GatewayEvent.received_at)).where(
                GatewayEvent.handled_at.is_(None)
            )
        ).one()
        beat_at = last_beat(session)
    for agency_id in agency_ids:
        with reading(engine, agency_id) as scoped:
            states = select(Payment.state, func.count(Payment.id)).group_by(Payment.state)
            payments.update(dict(scoped.execute(states).tuples().all()))
            count, first = scoped.execute(
                select(func.count(OutboxRow.id), func.min(OutboxRow.created_at)).where(OutboxRow.done_at.is_(None))
            ).one()
        rows, oldest = rows + count, min(oldest, first or at)
    return Numbers(
        payments=payments,
        outbox=Waiting(rows, (at - oldest).total_seconds()),
        inbox=Waiting(in_count, (at - min(at, in_oldest or at)).total_seconds()),
        heartbeat_seconds=(at - beat_at).total_seconds() if beat_at else None,
    )
