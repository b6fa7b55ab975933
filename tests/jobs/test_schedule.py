"""Jobs that wait for a processor which does not answer must not fill the worker."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

from portal.jobs import drain_outbox, leasing
from portal.jobs.schedule import SCHEDULE
from portal.jobs.worker import one_at_a_time
from tests.jobs.conftest import agency
from tests.jobs.test_drain_outbox import put, rows


def test_a_run_is_left_out_while_the_one_before_goes_on(jobs):
    begun, may_end, runs = Event(), Event(), []

    def wait(context):
        runs.append(context)
        begun.set()
        may_end.wait(5)

    job = one_at_a_time(wait)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(job, jobs)
        begun.wait(5)
        job(jobs)
        may_end.set()
    assert len(runs) == 1
    job(jobs)
    assert len(runs) == 2


def test_who_would_get_in_its_own_way_runs_alone():
    assert {job.name for job in SCHEDULE if job.alone} == {
        "reconcile",
        "sweep_events",
        "merge_partners",
        "money_back",
        "read_payouts",
        "compare_books",
        "autopay",
        "accrue_commissions",
        "propose_payouts",
        "draw_statements",
        "book_interest",
        "end_views",
        "remind",
        "charge_fees",
        "send_notices",
        "send_receipts",
        "seal_audit",
        "check_hosts",
        "heartbeat",
        "forget_records",
        "import_policies",
        "sync_agencies",
    }


def test_a_drain_ends_though_rows_are_put_back_again_and_again(engine, jobs, monkeypatch):
    """Nothing answers: what was not begun in time is due at once, and would be leased for ever."""
    monkeypatch.setattr(drain_outbox, "BATCH", 2)
    monkeypatch.setattr(leasing, "BEGIN_WITHIN", leasing.BEGIN_WITHIN * 0)
    monkeypatch.setattr(leasing, "RUN_FOR", leasing.RUN_FOR / 300)
    agency_id = agency(engine)
    put(engine, agency_id, "a", "b", "c")
    drain_outbox.drain(replace(jobs, outbox={"note": lambda item: None}))
    assert {row.attempts for row in rows(engine, agency_id).values()} == {0}
