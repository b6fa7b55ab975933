"""Note when staff's looks at customers' portals have ended by themselves, agency by agency."""

from portal.access.viewing import end_overdue
from portal.core.tenancy import writing
from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency


def end_views(context: JobContext) -> None:
    """Every five minutes; what is over shows nothing any more from its own moment on, whenever this runs."""
    for_each_agency(context, lambda agency_id: end_agency(context, agency_id), "end_views")


def end_agency(context: JobContext, agency_id: int) -> None:
    """Of one agency."""
    with writing(context.engine, agency_id) as session:
        end_overdue(session, context.now())
