"""Each night, forget what agencies keep no longer (`personal_data/retention.py`)."""

from portal.core.tenancy import reading, writing, writing_global
from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency
from portal.personal_data.retention import days_of, forget_batch, forget_events_batch


def forget_records(context: JobContext) -> None:
    """Forget agency by agency, batch by batch; then the processor events, which belong to no agency yet."""
    for_each_agency(context, lambda agency_id: forget_of_agency(context, agency_id), "forget_records")
    more = True
    while more:
        with writing_global(context.engine) as session:
            more = forget_events_batch(session, context.now())


def forget_of_agency(context: JobContext, agency_id: int) -> None:
    """Forget what one agency keeps no longer."""
    with reading(context.engine, agency_id) as session:
        kept = days_of(session)
    for kind, days in kept.items():
        more = True
        while more:
            with writing(context.engine, agency_id) as session:
                more = forget_batch(session, kind, days, context.now())
