"""The reconciler's run over an agency: one payment's trouble, whatever it is, is not the others'."""

from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from portal.agencies.directory import Directory
from portal.agencies.models import ProcessorAccount
from portal.cli.payment_jobs import PaymentJobs
from portal.core.staff_tasks import StaffTask
from portal.jobs.context import EventItem
from portal.jobs.leasing import Postponed
from portal.payments import inbox
from portal.payments.gateway import Gateway, Intent, KeysRefused
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.factories.people import BOX
from tests.payments.conftest import desk as desk
from tests.payments.interruptions import Interrupted, Points, interrupted


@dataclass(frozen=True)
class Troubled(Interrupted):
    """A processor whose answer about one intent is nothing we know."""

    intent_id: str
    error: Exception

    def retrieve(self, intent_id: str) -> Intent:
        if intent_id == self.intent_id:
            raise self.error
        return self.inner.retrieve(intent_id)


def lost(desk: Desk) -> int:
    order = desk.order(desk.invoice())
    with interrupted(desk.till, Points(loses={2: "answer lost"})) as till:
        return submit(till, order).id


def jobs(desk: Desk, gateway: Gateway) -> PaymentJobs:
    directory = Directory(desk.till.engine)
    return PaymentJobs(desk.till.engine, directory, BOX, lambda _keys: gateway, desk.clock)


def run(desk: Desk, intent_id: str | None, error: Exception) -> None:
    """One run of the job."""
    jobs(desk, Troubled(desk.till.gateway, Points(), intent_id or "", error)).reconcile(desk.agency.id)


def test_trouble_with_one_payment_is_not_the_others(desk: Desk) -> None:
    first, second = lost(desk), lost(desk)
    desk.clock.pass_(minutes=3)
    run(desk, desk.payment(first).intent_id, ValueError("nobody has thought of this"))
    assert desk.payment(first).state == "submitted"
    assert desk.payment(second).state == "succeeded"


def test_keys_that_stopped_working_pause_the_account_and_call_staff(desk: Desk) -> None:
    payment = lost(desk)
    desk.clock.pass_(minutes=3)
    run(desk, desk.payment(payment).intent_id, KeysRefused("Expired API Key"))
    assert desk.payment(payment).state == "submitted"
    with desk.till.reading() as session:
        assert session.scalars(select(ProcessorAccount.paused_at)).one() is not None
        assert session.scalars(select(StaffTask.kind)).all() == ["processor.keys_refused"]


def test_a_bank_that_refuses_is_left_to_the_payers_page_for_a_moment(desk: Desk) -> None:
    """The event of a refusal races with the page of the payer who has just been refused."""
    payment = submit(desk.till, desk.order(desk.invoice(), card="pm_card_threeDSecure2Required"))
    desk.decide(payment, "fail")
    assert payment.intent_id is not None
    event = EventItem(1, desk.till.account, "evt_1", inbox.DECLINED, payment.intent_id, desk.clock(), attempts=1)
    with pytest.raises(Postponed):
        jobs(desk, desk.till.gateway).handle_event(event)
    assert desk.payment(payment.id).state == "action_required"
    assert jobs(desk, desk.till.gateway).handle_event(replace(event, attempts=2)) == "failed"
