"""How long it takes to decide which reminders leave, with every invoice of a large agency at a step on the same day."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import case, update

from benchmarks.many_invoices import BATCH, FIRST_ID, Filled
from portal.agencies.reminder_settings import Reminding
from portal.core.db import make_engine, refresh_statistics
from portal.core.tenancy import reading, writing
from portal.invoices.models import Invoice
from portal.servicing.reminders.deciding import decide
from portal.servicing.reminders.queueing import queue

DAY = date(2027, 6, 1)
ZONE = "America/New_York"
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Decision:
    """How many mails were decided, in how many seconds by the clock and of this process's work; and how many a second
    were then put on their way.
    """

    mails: int
    seconds: float
    cpu_seconds: float
    queued_per_second: float


def measure(filled: Filled) -> Decision:
    """Bring all invoices of others to a step of one day, and decide. The database is of no other use after it."""
    engine = make_engine(filled.settings.database_url)
    usual = Reminding()
    offsets = [*usual.days_before, *(-days for days in usual.days_after)]
    due = case(
        {number: DAY + timedelta(days=offset) for number, offset in enumerate(offsets)}, value=Invoice.id % len(offsets)
    )
    for first in range(0, filled.others, BATCH):
        mine = Invoice.id.between(FIRST_ID + first, FIRST_ID + min(first + BATCH, filled.others) - 1)
        with writing(engine, filled.agency_id) as session:
            values = {
                "state": "open",
                "open_cents": Invoice.total_cents,
                "due_date": due,
                "issued_on": date(2026, 1, 1),
            }
            session.execute(update(Invoice).where(mine).values(values).execution_options(synchronize_session=False))
    refresh_statistics(engine)
    with reading(engine, filled.agency_id) as session:
        start, worked = time.perf_counter(), time.thread_time()
        mails = decide(session, DAY, DAY, ZONE)
        seconds, cpu_seconds = time.perf_counter() - start, time.thread_time() - worked
    some, start = mails[: 20 * AT_ONCE], time.perf_counter()
    for first in range(0, len(some), AT_ONCE):
        with writing(engine, filled.agency_id) as session:
            queue(session, some[first : first + AT_ONCE], DAY, datetime(2027, 6, 1, 14, tzinfo=UTC))
    took = time.perf_counter() - start
    engine.dispose()
    return Decision(len(mails), seconds, cpu_seconds, len(some) / took if some else 0.0)
