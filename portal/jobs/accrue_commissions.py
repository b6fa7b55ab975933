"""Write down the commissions of partners on what has settled, agency by agency."""

from sqlalchemy.exc import IntegrityError

from portal.core.db import run_unit
from portal.core.tenancy import writing
from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency
from portal.statements.accruing import accrue_commissions

TRIES = 3


def accrue(context: JobContext) -> None:
    """Hourly: what settles is paid out days later, at the earliest on the next day."""
    for_each_agency(context, lambda agency_id: accrue_agency(context, agency_id), "accrue_commissions")


def accrue_agency(context: JobContext, agency_id: int) -> None:
    """Accrue what one agency's books have brought since, in units of some hundred."""

    def unit() -> int:
        with writing(context.engine, agency_id) as session:
            return accrue_commissions(session, context.now())

    failed = 0
    while True:
        try:
            if not run_unit(unit):
                return
        except IntegrityError:  # somebody else worked the same entries: what they have done is found done
            failed += 1
            if failed == TRIES:
                raise
