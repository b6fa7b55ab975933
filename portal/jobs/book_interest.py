"""Earn the interest of every loan's periods that are over, agency by agency, by its own calendar."""

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.tenancy import reading_global, writing
from portal.financing import loans
from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency


def book_interest(context: JobContext) -> None:
    """Hourly: a day begins at another hour in each time zone, and a run that was missed is made up for."""
    for_each_agency(context, lambda agency_id: book_agency(context, agency_id), "book_interest")


def book_agency(context: JobContext, agency_id: int) -> None:
    """Book what one agency's loans have earned, in units of some hundred."""
    with reading_global(context.engine) as session:
        zone = session.scalars(select(Agency.time_zone).where(Agency.id == agency_id)).one()
    booked = True
    while booked:
        with writing(context.engine, agency_id) as session:
            booked = loans.book_interest(session, local_date(context.now(), zone), context.now()) > 0
