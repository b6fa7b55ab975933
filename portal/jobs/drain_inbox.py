"""Work the processor events that the webhooks stored."""

from datetime import timedelta

from sqlalchemy import select, update

from portal.agencies.models import ProcessorAccount
from portal.core.db import run_unit
from portal.core.staff_tasks import open_task
from portal.core.tenancy import reading, reading_global, writing, writing_global
from portal.jobs.context import EventItem, JobContext
from portal.jobs.leasing import BATCH, LEASE, time_for_a_run, wait_after, work_leased
from portal.payments.models import GatewayEvent

STAFF_AFTER = timedelta(days=1)


def drain(context: JobContext) -> None:
    """Work every due event, as far as the time for one run goes."""
    within = time_for_a_run()
    while drain_batch(context) == BATCH and within():
        pass


def drain_batch(context: JobContext) -> int:
    """Lease and work up to one batch; says how many there were."""
    items = run_unit(lambda: lease(context))
    work_leased(
        items,
        work=lambda item: _handle(context, item),
        put_back=lambda item: _put_back(context, item),
        failed=lambda item, error: _failed(context, item, error),
    )
    return len(items)


def lease(context: JobContext) -> list[EventItem]:
    """Take the due events for this worker; one that another took meanwhile is left out."""
    now = context.now()
    due = GatewayEvent.handled_at.is_(None), GatewayEvent.lease_until <= now
    with reading_global(context.engine) as session:
        ids = session.scalars(select(GatewayEvent.id).where(*due).order_by(GatewayEvent.lease_until).limit(BATCH)).all()
    if not ids:
        return []
    take = (
        update(GatewayEvent)
        .where(GatewayEvent.id.in_(ids), *due)
        .values(lease_until=now + LEASE, attempts=GatewayEvent.attempts + 1)
        .returning(
            GatewayEvent.id,
            GatewayEvent.account,
            GatewayEvent.event_id,
            GatewayEvent.kind,
            GatewayEvent.object_id,
            GatewayEvent.received_at,
            GatewayEvent.attempts,
        )
        .execution_options(synchronize_session=False)
    )
    with writing_global(context.engine) as session:
        return [EventItem(*row) for row in session.execute(take)]


def _handle(context: JobContext, item: EventItem) -> None:
    outcome = context.handle_event(item)
    _settle(context, item, handled_at=context.now(), outcome=outcome)


def _put_back(context: JobContext, item: EventItem) -> None:
    _settle(context, item, lease_until=context.now(), attempts=item.attempts - 1)


def _failed(context: JobContext, item: EventItem, error: str) -> None:
    now = context.now()
    _settle(context, item, lease_until=now + wait_after(item.attempts), outcome=error)
    if now - item.received_at < STAFF_AFTER:
        return
    for agency_id in context.agency_ids():
        with reading(context.engine, agency_id) as session:
            owner = session.scalar(select(ProcessorAccount.id).where(ProcessorAccount.account == item.account))
        if owner is not None:
            with writing(context.engine, agency_id) as session:
                open_task(session, "event.stuck", item.event_id, now, what=item.kind, error=error)


def _settle(context: JobContext, item: EventItem, **values: object) -> None:
    def unit() -> None:
        with writing_global(context.engine) as session:
            mine = update(GatewayEvent).where(GatewayEvent.id == item.id, GatewayEvent.handled_at.is_(None))
            session.execute(mine.values(**values).execution_options(synchronize_session=False))

    run_unit(unit)
