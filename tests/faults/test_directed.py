"""Known ways to lose or double money, each by itself: what was tried before the protocol, and what it does instead."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, update

from portal.agencies.keys import read_keys
from portal.agencies.models import ProcessorAccount
from portal.core.audit import SYSTEM
from portal.core.errors import Conflict
from portal.core.outbox import enqueue
from portal.jobs.drain_outbox import drain
from portal.payments.gateway import Refused
from portal.payments.inbox import handle
from portal.payments.money_back.refund import RefundOrder, refund
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.factories.people import BOX
from tests.faults.recovery import Delivered, recover, worker
from tests.faults.stories import BANK_ASKS, DECLINED
from tests.faults.verdict import judge
from tests.payments.interruptions import Crash, Points, interrupted
from tests.sandbox.stripe.paying import books, token

A_DAY_AND_MORE = timedelta(hours=25)
"""The processor has forgotten every idempotency key."""


def settled(desk: Desk) -> int:
    """The worker has recovered; how often the processor has charged."""
    delivered = Delivered()
    recover(desk, delivered)
    return judge(desk, delivered)


def test_a_balance_that_was_read_before_the_claim_is_compared_again(desk: Desk) -> None:
    invoice = desk.invoice()
    first, second = desk.order(invoice), desk.order(invoice)
    assert submit(desk.till, first).state == "succeeded"
    with pytest.raises(Conflict):
        submit(desk.till, second)
    assert settled(desk) == 1


def test_an_invoice_under_way_takes_no_second_payment(desk: Desk) -> None:
    invoice = desk.invoice()
    assert submit(desk.till, desk.order(invoice, card=BANK_ASKS)).state == "action_required"
    with pytest.raises(Conflict):
        submit(desk.till, desk.order(invoice))
    assert settled(desk) == 0


def test_a_decline_lets_go_only_when_its_intent_can_never_charge(desk: Desk) -> None:
    payment = submit(desk.till, desk.order(desk.invoice(), card=DECLINED))
    assert payment.state == "failed"
    assert payment.intent_id is not None
    another = token(desk.processor, "pm_card_visa")
    with pytest.raises(Refused):
        desk.till.gateway.confirm(payment.intent_id, another, "https://portal.example/back", "once more")
    assert settled(desk) == 0


@pytest.mark.parametrize("point", ["after create", "before confirm", "after confirm"])
def test_a_payment_that_is_taken_up_after_its_keys_are_forgotten_charges_once(desk: Desk, point: str) -> None:
    """In one call, create and confirm together, the second sending would charge again."""

    class Ends(Points):
        def at(self, name: str) -> None:
            if name == point:
                raise Crash(name)

    order = desk.order(desk.invoice())
    with interrupted(desk.till, Ends()) as till, pytest.raises(Crash):
        submit(till, order)
    desk.wait(A_DAY_AND_MORE)
    submit(desk.till, order)
    assert settled(desk) == (1 if point == "after confirm" else 0)


def test_a_time_out_is_no_failure(desk: Desk) -> None:
    invoice = desk.invoice()
    with interrupted(desk.till, Points(loses={2: "answer lost"})) as till:
        assert submit(till, desk.order(invoice)).state == "submitted"
    with pytest.raises(Conflict):
        submit(desk.till, desk.order(invoice))
    assert settled(desk) == 1


def test_a_confirm_that_arrives_after_it_was_asked_about_charges_nothing_twice(desk: Desk) -> None:
    """The reconciler reads the intent before the confirm has arrived, and gives the payment up."""
    invoice = desk.invoice()
    points = Points(loses={2: "late"})
    with interrupted(desk.till, points) as till:
        assert submit(till, desk.order(invoice)).state == "submitted"
    desk.wait(timedelta(minutes=3))
    recover(desk, Delivered())
    points.arrive()
    assert submit(desk.till, desk.order(invoice)).state == "succeeded"
    assert settled(desk) == 1


def test_a_payer_who_comes_back_to_the_bank_after_the_payment_was_given_up_is_not_charged(desk: Desk) -> None:
    payment = submit(desk.till, desk.order(desk.invoice(), card=BANK_ASKS))
    recover(desk, Delivered())
    assert desk.payment(payment.id).state == "canceled"
    with pytest.raises(OSError, match="HTTP"):
        desk.decide(payment, "complete")
    assert settled(desk) == 0


def test_a_refund_whose_answer_was_lost_is_looked_up_before_it_is_sent_again(desk: Desk) -> None:
    invoice = desk.invoice()
    paid = submit(desk.till, desk.order(invoice))
    with interrupted(desk.till, Points(loses={1: "answer lost"})) as till:
        assert refund(till, RefundOrder("one", paid.id, "requested", {invoice: 10_000}), SYSTEM).state == "requested"
    desk.wait(A_DAY_AND_MORE)
    assert settled(desk) == 1
    assert [each["amount"] for each in books(desk.sandbox, desk.till.account)["refunds"]] == [10_000]


def test_two_workers_who_see_the_same_rows_deliver_each_once(desk: Desk) -> None:
    with desk.till.writing() as session:
        for number in range(3):
            enqueue(session, "note", str(number), {}, desk.clock())
    delivered = Delivered()
    slow, quick = worker(desk, delivered), worker(desk, delivered)
    taken = []

    def overtake(_connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        """The quick one takes and delivers what the slow one has just seen, and is about to take."""
        if "FROM outbox" in statement and not taken:
            taken.append(True)
            drain(quick)

    event.listen(slow.engine, "after_cursor_execute", overtake)
    try:
        drain(slow)
    finally:
        event.remove(slow.engine, "after_cursor_execute", overtake)
    assert taken and sorted(delivered.rows.values()) == [1] * 3


def test_a_success_that_comes_too_late_is_never_thrown_away(desk: Desk) -> None:
    order = desk.order(desk.invoice())
    with interrupted(desk.till, Points(loses={2: "answer lost"})) as till:
        payment = submit(till, order)
    desk.close_by_mistake(payment)
    assert handle(desk.till, "payment_intent.succeeded", str(payment.intent_id)) == "succeeded"
    assert settled(desk) == 1


def test_a_restored_account_charges_nothing_before_it_is_read_again(desk: Desk) -> None:
    with desk.till.writing() as session:
        session.execute(update(ProcessorAccount).values(restored_from=desk.clock()))
    with desk.till.reading() as session:
        assert read_keys(session, BOX) is None
