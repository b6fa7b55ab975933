"""Propose payouts of commission on each partner's schedule, agency by agency, by its own calendar."""

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.audit import SYSTEM
from portal.core.clock import local_date
from portal.core.db import run_unit
from portal.core.tenancy import reading_global, writing
from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency
from portal.statements.partner_payouts import propose_on_schedule


def propose_payouts(context: JobContext) -> None:
    """Hourly: a day begins at another hour in each time zone, and a run that was missed is made up for."""
    for_each_agency(context, lambda agency_id: propose_agency(context, agency_id), "propose_payouts")


def propose_agency(context: JobContext, agency_id: int) -> None:
    """Propose what one agency owes its partners today; nothing is paid by itself."""
    with reading_global(context.engine) as session:
        zone = session.scalars(select(Agency.time_zone).where(Agency.id == agency_id)).one()

    def unit() -> None:
        with writing(context.engine, agency_id) as session:
            at = context.now()
            propose_on_schedule(session, local_date(at, zone), SYSTEM, at)

    run_unit(unit)
