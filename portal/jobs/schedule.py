"""When each job runs. The drains are also woken by commits (`wake.py`); their schedule is the safety net."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.jobs.accrue_commissions import accrue
from portal.jobs.autopay import autopay
from portal.jobs.book_interest import book_interest
from portal.jobs.charge_fees import charge_fees
from portal.jobs.check_hosts import check_hosts
from portal.jobs.compare_books import compare_books
from portal.jobs.context import JobContext
from portal.jobs.drain_inbox import drain as drain_inbox
from portal.jobs.drain_outbox import drain as drain_outbox
from portal.jobs.draw_statements import draw_statements
from portal.jobs.end_views import end_views
from portal.jobs.forget_records import forget_records
from portal.jobs.forget_runs import forget_runs
from portal.jobs.heartbeat import heartbeat
from portal.jobs.import_policies import import_policies
from portal.jobs.merge_partners import merge_partners
from portal.jobs.money_back import money_back
from portal.jobs.propose_payouts import propose_payouts
from portal.jobs.read_payouts import read_payouts
from portal.jobs.reconcile import reconcile
from portal.jobs.remind import remind
from portal.jobs.seal_audit import seal_audit
from portal.jobs.send_notices import send_notices
from portal.jobs.send_receipts import send_receipts
from portal.jobs.sweep_events import sweep_events
from portal.jobs.sync_agencies import sync_agencies


@dataclass(frozen=True, slots=True)
class Job:
    """A job and its times, as a cron line with seconds first, in UTC.

    Args:
        alone: a run is left out while the one before still goes on, so that a processor that does not answer
            cannot fill the worker with runs that wait for it.
    """

    name: str
    cron: str
    run: Callable[[JobContext], None]
    alone: bool = False


SCHEDULE = (
    Job("heartbeat", "5-59/30 * * * * *", heartbeat, alone=True),
    Job("import_policies", "10 * * * * *", import_policies, alone=True),
    Job("sync_agencies", "0 9 * * * *", sync_agencies, alone=True),
    Job("drain_outbox", "*/15 * * * * *", drain_outbox),
    Job("drain_inbox", "7-59/15 * * * * *", drain_inbox),
    Job("reconcile", "30 * * * * *", reconcile, alone=True),
    Job("sweep_events", "0 17 * * * *", sweep_events, alone=True),
    Job("read_payouts", "0 47 * * * *", read_payouts, alone=True),
    Job("send_receipts", "50 * * * * *", send_receipts, alone=True),
    Job("money_back", "0 23 8 * * *", money_back, alone=True),
    Job("book_interest", "0 33 * * * *", book_interest, alone=True),
    Job("autopay", "40 2 * * * *", autopay, alone=True),
    Job("merge_partners", "0 57 * * * *", merge_partners, alone=True),
    Job("accrue_commissions", "0 38 * * * *", accrue, alone=True),
    Job("draw_statements", "0 9 * * * *", draw_statements, alone=True),
    Job("propose_payouts", "0 41 * * * *", propose_payouts, alone=True),
    Job("remind", "0 3 * * * *", remind, alone=True),
    Job("charge_fees", "0 43 * * * *", charge_fees, alone=True),
    Job("send_notices", "0 53 * * * *", send_notices, alone=True),
    Job("compare_books", "0 13 8 * * *", compare_books, alone=True),
    Job("check_hosts", "0 19 9,10 * * *", check_hosts, alone=True),
    Job("seal_audit", "0 27 * * * *", seal_audit, alone=True),
    Job("end_views", "20 */5 * * * *", end_views, alone=True),
    Job("forget_records", "0 7 7 * * *", forget_records, alone=True),
    Job("forget_runs", "0 37 * * * *", forget_runs),
)
