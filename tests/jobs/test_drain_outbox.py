"""The outbox is delivered once, a failing row waits alone, and nothing is ever given up."""

import threading
from dataclasses import replace

from sqlalchemy import select

from portal.core.outbox import OutboxRow, enqueue
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import reading, writing
from portal.jobs.drain_outbox import drain, lease
from portal.jobs.leasing import LEASE
from tests.jobs.conftest import NOON, agency


def put(engine, agency_id, *keys):
    with writing(engine, agency_id) as session:
        for key in keys:
            enqueue(session, "note", key, {"number": 1}, NOON)


def rows(engine, agency_id):
    with reading(engine, agency_id) as session:
        return {row.dedupe_key: row for row in session.scalars(select(OutboxRow))}


def test_each_row_is_delivered_once_and_marked(engine, jobs):
    first, second = agency(engine), agency(engine, "summit")
    put(engine, first, "a", "b")
    put(engine, second, "c")
    seen = []
    jobs = replace(jobs, outbox={"note": lambda item: seen.append((item.agency_id, item.dedupe_key))})
    drain(jobs)
    drain(jobs)
    assert sorted(seen) == [(first, "a"), (first, "b"), (second, "c")]
    assert all(row.done_at == NOON and row.attempts == 1 for row in rows(engine, first).values())


def test_a_failing_row_waits_longer_each_time_and_holds_up_no_other(engine, jobs, clock):
    agency_id = agency(engine)
    put(engine, agency_id, "bad", "good")

    def deliver(item):
        if item.dedupe_key == "bad":
            raise ConnectionError("the mail server is away")

    jobs = replace(jobs, outbox={"note": deliver})
    drain(jobs)
    stored = rows(engine, agency_id)
    assert stored["good"].done_at is not None
    assert (stored["bad"].lease_until - clock()).total_seconds() == 15
    assert "the mail server is away" in stored["bad"].last_error
    drain(jobs)
    assert rows(engine, agency_id)["bad"].attempts == 1
    clock.forward(seconds=16)
    drain(jobs)
    assert (rows(engine, agency_id)["bad"].lease_until - clock()).total_seconds() == 30


def test_after_ten_tries_staff_are_asked_once_and_it_is_still_tried(engine, jobs, clock):
    agency_id = agency(engine)
    put(engine, agency_id, "bad")
    for _ in range(12):
        drain(jobs)
        clock.forward(hours=2)
    with reading(engine, agency_id) as session:
        tasks = session.scalars(select(StaffTask)).all()
    assert [task.kind for task in tasks] == ["outbox.stuck"]
    assert rows(engine, agency_id)["bad"].attempts == 12
    jobs = replace(jobs, outbox={"note": lambda item: None})
    drain(jobs)
    assert rows(engine, agency_id)["bad"].done_at is not None


def test_a_lease_keeps_other_workers_away_until_it_ends(engine, jobs, clock):
    agency_id = agency(engine)
    put(engine, agency_id, "a")
    assert len(lease(jobs, agency_id)) == 1
    assert lease(jobs, agency_id) == []
    clock.forward(seconds=LEASE.total_seconds())
    assert [item.attempts for item in lease(jobs, agency_id)] == [2]


def test_two_workers_never_deliver_the_same_row(engine, jobs):
    agency_id = agency(engine)
    keys = [f"n{number}" for number in range(60)]
    put(engine, agency_id, *keys)
    seen = []
    jobs = replace(jobs, outbox={"note": lambda item: seen.append(item.dedupe_key)})
    workers = [threading.Thread(target=drain, args=(jobs,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(seen) == sorted(keys)
