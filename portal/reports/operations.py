"""How the deployment is doing, in numbers that are about nobody: for `/metrics` and `/readyz`."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.agencies.models import Agency, ProcessorAccount
from portal.core.heartbeat import last_beat
from portal.core.outbox import OutboxRow
from portal.core.tenancy import Scoped, reading, reading_global
from portal.payments.models import GatewayEvent, Payment
from portal.policy_system.models import ImportRecord, PolicyConnection
from portal.policy_system.receipt_models import PolicyReceipt


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to be worked: how much, and for how many seconds the oldest has been due."""

    rows: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Policies:
    """How agencies' policy systems keep up.

    Args:
        waiting, failed: imports.
        receipts_waiting, receipts_refused: receipts to them.
        feed_seconds: since the feed that has stood longest was read; 0 where none is connected.
        in_trouble: policy systems that refuse us or do not answer.
    """

    waiting: int
    failed: int
    receipts_waiting: int
    receipts_refused: int
    feed_seconds: float
    in_trouble: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """All agencies together.

    Args:
        heartbeat_seconds: since jobs were last worked; None: never.
        unclear_seconds: age of the oldest payment of which the processor has not yet said whether it charged.
        closed_accounts: agencies that take no payments online: paused, or restored and not read again.
    """

    payments: Mapping[str, int]
    outbox: Waiting
    inbox: Waiting
    policies: Policies
    heartbeat_seconds: float | None
    unclear_seconds: float
    closed_accounts: int


UNCLEAR = ("created", "ready", "submitted", "declined")
"""Minutes at the most; a bank debit may be `processing` for days, and a payer's bank may ask for an hour."""


def numbers(engine: Engine, at: datetime) -> Numbers:
    """Count, agency by agency.

    Args:
        at: now.
    """
    payments: Counter[str] = Counter()
    rows, oldest, unclear, closed = 0, at, at, 0
    imports: Counter[str] = Counter()
    receipts: Counter[str] = Counter()
    polled_at, troubled = at, 0
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
            payments.update(dict(scoped.execute(states).all()))
            count, first = scoped.execute(
                select(func.count(OutboxRow.id), func.min(OutboxRow.created_at)).where(OutboxRow.done_at.is_(None))
            ).one()
            began = scoped.scalar(select(func.min(Payment.created_at)).where(Payment.state.in_(UNCLEAR)))
            is_closed = or_(ProcessorAccount.paused_at.is_not(None), ProcessorAccount.restored_from.is_not(None))
            closed += scoped.scalar(select(func.count(ProcessorAccount.id)).where(is_closed)) or 0
            imports.update(_by(scoped, ImportRecord.state))
            receipts.update(_by(scoped, PolicyReceipt.state))
            since = func.coalesce(PolicyConnection.polled_at, PolicyConnection.trouble_since)
            polled = select(since).where(PolicyConnection.is_enabled)
            polled_at = min(polled_at, scoped.scalar(polled) or at)
            trouble = PolicyConnection.is_enabled, PolicyConnection.trouble_since.is_not(None)
            troubled += scoped.scalar(select(func.count(PolicyConnection.id)).where(*trouble)) or 0
        rows, oldest, unclear = rows + count, min(oldest, first or at), min(unclear, began or at)
    return Numbers(
        payments=payments,
        outbox=Waiting(rows, (at - oldest).total_seconds()),
        inbox=Waiting(in_count, (at - min(at, in_oldest or at)).total_seconds()),
        policies=Policies(
            waiting=imports["queued"] + imports["processing"],
            failed=imports["failed"],
            receipts_waiting=receipts["wanted"] + receipts["sending"] + receipts["voiding"],
            receipts_refused=receipts["refused"],
            feed_seconds=(at - polled_at).total_seconds(),
            in_trouble=troubled,
        ),
        heartbeat_seconds=(at - beat_at).total_seconds() if beat_at else None,
        unclear_seconds=(at - unclear).total_seconds(),
        closed_accounts=closed,
    )


def _by(session: Scoped, state: InstrumentedAttribute[str]) -> dict[str, int]:
    """How many rows there are in each state."""
    return dict(session.execute(select(state, func.count()).group_by(state)).all())
