"""Decide which reminders leave today, agency by agency, by its own calendar and from its own hour on."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.agencies.models import Agency
from portal.agencies.reminder_settings import LAST_HOUR, reminding_of
from portal.core.db import run_unit
from portal.core.tenancy import reading, reading_global, writing
from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency
from portal.servicing.reminders.deciding import Decided, decide
from portal.servicing.reminders.queueing import queue
from portal.servicing.reminders.sequences import end_links, has_live_links

AT_ONCE = 200
"""Mails that are put on their way in one unit."""
TRIES = 3


def remind(context: JobContext) -> None:
    """Hourly: the hour comes at another time in each time zone, and a run that was missed is made up for."""

    def one(agency_id: int) -> None:
        remind_agency(context, agency_id)

    for_each_agency(context, one, "remind")


def remind_agency(context: JobContext, agency_id: int) -> int:
    """Put one agency's reminders of today on their way; says how many. None leaves late in the evening."""
    with reading_global(context.engine) as session:
        zone = session.scalars(select(Agency.time_zone).where(Agency.id == agency_id)).one()
    at = context.now()
    local = at.astimezone(ZoneInfo(zone))
    with reading(context.engine, agency_id) as scoped:
        if not reminding_of(scoped).hour <= local.hour <= LAST_HOUR:
            return 0
        sends_links = has_live_links(scoped)
    if sends_links:
        with writing(context.engine, agency_id) as scoped:
            end_links(scoped, local.date(), at)
    with reading(context.engine, agency_id) as scoped:
        mails = decide(scoped, local.date(), local.date(), zone)
    parts = [mails[first : first + AT_ONCE] for first in range(0, len(mails), AT_ONCE)]
    return sum(_queue(context, agency_id, part, local.date(), at) for part in parts)


def _queue(context: JobContext, agency_id: int, mails: list[Decided], day: date, at: datetime) -> int:
    """One unit; another worker at the same mails makes it start over, and find them known."""

    def unit() -> int:
        with writing(context.engine, agency_id) as session:
            return queue(session, mails, day, at)

    for _ in range(TRIES - 1):
        try:
            return run_unit(unit)
        except IntegrityError:
            continue
    return run_unit(unit)
