"""Processor events are worked once; one that cannot be is kept, and after a day a person is asked."""

from dataclasses import replace

from sqlalchemy import select

from portal.agencies.models import ProcessorAccount
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import reading, reading_global, writing, writing_global
from portal.jobs.drain_inbox import drain
from portal.payments.models import GatewayEvent
from tests.jobs.conftest import NOON, agency


def store(engine, *names):
    with writing_global(engine) as session:
        for name in names:
            session.add(
                GatewayEvent(
                    account="acct_1",
                    event_id=name,
                    kind="payment_intent.succeeded",
                    object_id="pi_1",
                    received_at=NOON,
                    lease_until=NOON,
                )
            )


def stored(engine):
    with reading_global(engine) as session:
        return {row.event_id: row for row in session.scalars(select(GatewayEvent))}


def test_each_event_is_worked_once(engine, jobs):
    store(engine, "evt_1", "evt_2")
    seen = []

    def handle(item):
        seen.append((item.account, item.event_id, item.object_id))
        return "applied"

    jobs = replace(jobs, handle_event=handle)
    drain(jobs)
    drain(jobs)
    assert sorted(seen) == [("acct_1", "evt_1", "pi_1"), ("acct_1", "evt_2", "pi_1")]
    assert {row.outcome for row in stored(engine).values()} == {"applied"}


def test_an_event_that_cannot_be_worked_is_kept_and_shown_to_staff_after_a_day(engine, jobs, clock):
    agency(engine, "other")
    agency_id = agency(engine)
    with writing(engine, agency_id) as session:
        session.add(ProcessorAccount(account="acct_1", publishable_key="", secret_key="", webhook_secrets=""))
    store(engine, "evt_1")

    def handle(item):
        raise LookupError("no payment has this intent")

    jobs = replace(jobs, handle_event=handle)
    drain(jobs)
    assert tasks(engine, agency_id) == []
    clock.forward(hours=25)
    drain(jobs)
    assert tasks(engine, agency_id) == [("event.stuck", "evt_1")]
    assert stored(engine)["evt_1"].handled_at is None


def tasks(engine, agency_id):
    with reading(engine, agency_id) as session:
        return [(task.kind, task.ref) for task in session.scalars(select(StaffTask))]
