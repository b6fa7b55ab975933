"""Draw the statements of partners on the day the agency has set, and remind of what is overdue once a week."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from portal.agencies.models import Agency
from portal.agencies.reminder_settings import LAST_HOUR, reminding_of
from portal.core.db import run_unit
from portal.core.tenancy import reading, reading_global, writing
from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency
from portal.statements.drawing import BATCH, draw, to_draw
from portal.statements.models import PartnerStatement
from portal.statements.monthly import months_due, queue_overdue, queue_statements
from portal.statements.months import month_of
from portal.statements.settings import partner_rules

Progress = Callable[[int], object]
"""Is told how many more partners are done."""


def draw_statements(context: JobContext) -> None:
    """Hourly: the day comes at another hour in each time zone, and a run that was missed is made up for."""
    for_each_agency(context, lambda agency_id: draw_agency(context, agency_id), "draw_statements")


def draw_agency(context: JobContext, agency_id: int) -> None:
    """Draw what one agency has to, mail it, and on its day of the week remind; not at night."""
    with reading_global(context.engine) as session:
        zone = session.scalars(select(Agency.time_zone).where(Agency.id == agency_id)).one()
    local = context.now().astimezone(ZoneInfo(zone))
    with reading(context.engine, agency_id) as scoped:
        if not reminding_of(scoped).hour <= local.hour <= LAST_HOUR:
            return
        rules = partner_rules(scoped)
        months = list(months_due(scoped, rules, local.date()))
    for first in months:
        draw_month(context.engine, agency_id, first, zone, context.now, mails=rules.mails_statements)
    if rules.overdue_weekday == local.weekday():

        def remind() -> None:
            with writing(context.engine, agency_id) as scoped:
                queue_overdue(scoped, local.date(), context.now())

        run_unit(remind)


def draw_month(
    engine: Engine,
    agency_id: int,
    first: date,
    zone: str,
    now: Callable[[], datetime],
    *,
    mails: bool,
    progress: Progress = lambda _count: None,
) -> int:
    """Draw one month of an agency, in units of some hundred partners; says how many statements there are now.

    Args:
        first: the month's first day.
        zone: the agency's time zone.
        now: the clock.
        mails: tell the partners.
        progress: is told of each unit.
    """
    month = month_of(first, zone)
    with reading(engine, agency_id) as session:
        waiting = to_draw(session, month)
    made = 0
    for start in range(0, len(waiting), BATCH):
        part = waiting[start : start + BATCH]

        def unit(part: list[int] = part) -> list[PartnerStatement]:
            with writing(engine, agency_id) as session:
                drawn = draw(session, part, month, now())
                if mails:
                    queue_statements(session, drawn, now())
                return drawn

        made += len(run_unit(unit))
        progress(len(part))
    return made
