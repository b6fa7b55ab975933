"""Deliver what waits in the outbox: mails, receipts to other systems."""

from sqlalchemy import select, update

from portal.core.db import run_unit
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import open_task
from portal.core.tenancy import reading, writing
from portal.jobs.context import JobContext, OutboxItem
from portal.jobs.leasing import BATCH, LEASE, STAFF_AFTER_ATTEMPTS, time_for_a_run, wait_after, work_leased


def drain(context: JobContext) -> None:
    """Deliver every due row, a batch of each agency in turn, so that a large one holds up nobody.

    It ends when the time for one run is over: the schedule comes again at once.
    """
    within = time_for_a_run()
    agencies = context.agency_ids()
    while agencies and within():
        agencies = [agency_id for agency_id in agencies if drain_batch(context, agency_id) == BATCH]


def drain_batch(context: JobContext, agency_id: int) -> int:
    """Lease and deliver up to one batch of an agency's due rows; says how many there were."""
    items = run_unit(lambda: lease(context, agency_id))
    work_leased(
        items,
        work=lambda item: _deliver(context, item),
        put_back=lambda item: _put_back(context, item),
        failed=lambda item, error: _failed(context, item, error),
    )
    return len(items)


def lease(context: JobContext, agency_id: int) -> list[OutboxItem]:
    """Take an agency's due rows for this worker; a row that another took meanwhile is left out."""
    now = context.now()
    due = OutboxRow.done_at.is_(None), OutboxRow.lease_until <= now
    with reading(context.engine, agency_id) as session:
        ids = session.scalars(select(OutboxRow.id).where(*due).order_by(OutboxRow.lease_until).limit(BATCH)).all()
    if not ids:
        return []
    take = (
        update(OutboxRow)
        .where(OutboxRow.id.in_(ids), *due)
        .values(lease_until=now + LEASE, attempts=OutboxRow.attempts + 1)
        .returning(OutboxRow.id, OutboxRow.kind, OutboxRow.dedupe_key, OutboxRow.payload, OutboxRow.attempts)
        .execution_options(synchronize_session=False)
    )
    with writing(context.engine, agency_id) as session:
        return [OutboxItem(agency_id, *row) for row in session.execute(take)]


def _deliver(context: JobContext, item: OutboxItem) -> None:
    context.outbox[item.kind](item)
    _settle(context, item, done_at=context.now(), last_error=None)


def _put_back(context: JobContext, item: OutboxItem) -> None:
    _settle(context, item, lease_until=context.now(), attempts=item.attempts - 1)


def _failed(context: JobContext, item: OutboxItem, error: str) -> None:
    now = context.now()
    _settle(context, item, lease_until=now + wait_after(item.attempts), last_error=error)
    if item.attempts >= STAFF_AFTER_ATTEMPTS:
        with writing(context.engine, item.agency_id) as session:
            open_task(session, "outbox.stuck", str(item.id), now, what=item.kind, error=error, attempts=item.attempts)


def _settle(context: JobContext, item: OutboxItem, **values: object) -> None:
    def unit() -> None:
        with writing(context.engine, item.agency_id) as session:
            mine = update(OutboxRow).where(OutboxRow.id == item.id, OutboxRow.done_at.is_(None))
            session.execute(mine.values(**values).execution_options(synchronize_session=False))

    run_unit(unit)
