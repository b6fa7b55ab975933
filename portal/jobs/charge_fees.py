"""Charge late fees and fees for payments that came back, agency by agency, by its own calendar."""

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.tenancy import reading_global, writing
from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency
from portal.servicing.late import fees


def charge_fees(context: JobContext) -> None:
    """Hourly: a day begins at another hour in each time zone, and a run that was missed is made up for."""
    for_each_agency(context, lambda agency_id: charge_agency(context, agency_id), "charge_fees")


def charge_agency(context: JobContext, agency_id: int) -> None:
    """Charge what one agency's installments bear by now, in units of some hundred."""
    with reading_global(context.engine) as session:
        zone = session.scalars(select(Agency.time_zone).where(Agency.id == agency_id)).one()
    charged = True
    while charged:
        with writing(context.engine, agency_id) as session:
            charged = fees.charge_fees(session, local_date(context.now(), zone), context.now()) > 0
