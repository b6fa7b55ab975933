"""Refunds against the sandbox: asked for once, sent once, in the books as they are, whatever happens on the way."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import func, select

from portal.core.audit import Actor
from portal.core.errors import BadInput, Conflict
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import reading_global
from portal.ledger.models import JournalLine
from portal.payments.inbox import handle, sweep
from portal.payments.models import GatewayEvent, Payment
from portal.payments.money_back.credit import CreditOwner, credit_balance
from portal.payments.money_back.models import CreditEntry, Refund
from portal.payments.money_back.refund import RefundOrder, refund
from portal.payments.money_back.unsettled import due_refunds, reconcile_refund
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.payments.interruptions import Crash, Points, interrupted
from tests.sandbox.stripe.paying import control

BEA = Actor("staff", "bea@harbor.example")
CENTS = 41_250


def paid(desk: Desk, *invoices: int, card: str = "pm_card_visa") -> Payment:
    payment = submit(desk.till, desk.order(*(invoices or (desk.invoice(),)), card=card))
    assert payment.state == "succeeded"
    return payment


def order(payment: Payment, parts: dict[int, int], key: str = "one", **more: object) -> RefundOrder:
    return RefundOrder(key, payment.id, "requested", parts, **more)  # type: ignore[arg-type]


def refunds(desk: Desk) -> list[Refund]:
    with desk.till.reading() as session:
        return list(session.scalars(select(Refund).order_by(Refund.id)))


def there(desk: Desk) -> int:
    """What went back, by the processor's own books."""
    books = control(desk.sandbox, f"books?account={desk.till.account}", method="GET")["accounts"][desk.till.account]
    return int(books["refunded_cents"])


def balance(desk: Desk, account: str) -> int:
    with desk.till.reading() as session:
        total = func.coalesce(func.sum(JournalLine.debit_cents - JournalLine.credit_cents), 0)
        return int(session.scalar(select(total).where(JournalLine.account == account)) or 0)


def tasks(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        return list(session.scalars(select(StaffTask.kind).order_by(StaffTask.id)))


def queued(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        query = select(OutboxRow.kind).where(OutboxRow.kind.startswith("mail.refund")).order_by(OutboxRow.id)
        return list(session.scalars(query))


def at_the_bank(desk: Desk, step: str) -> None:
    """What the payer's bank does with the first refund: `succeed` or `fail`."""
    control(desk.sandbox, f"refunds/{refunds(desk)[0].refund_id or there_id(desk)}/{step}")


def there_id(desk: Desk) -> str:
    """The id of the account's first refund, at the processor."""
    books = control(desk.sandbox, f"books?account={desk.till.account}", method="GET")["accounts"][desk.till.account]
    return str(books["refunds"][0]["id"])


def work_events(desk: Desk) -> None:
    """What the sweep and the inbox's drain do."""
    sweep(desk.till)
    with reading_global(desk.till.engine) as session:
        of_account = GatewayEvent.account == desk.till.account
        query = select(GatewayEvent.kind, GatewayEvent.object_id).where(of_account).order_by(GatewayEvent.id)
        events = list(session.execute(query))
    for kind, object_id in events:
        handle(desk.till, kind, object_id)


def reconcile_all(desk: Desk) -> None:
    with desk.till.reading() as session:
        waiting = due_refunds(session, desk.clock())
    for refund_id in waiting:
        reconcile_refund(desk.till, refund_id)


def test_a_full_refund_opens_the_invoice_again_and_is_in_the_books(desk: Desk) -> None:
    invoice = desk.invoice()
    made = refund(desk.till, order(paid(desk, invoice), {invoice: CENTS}), BEA)
    assert (made.state, made.failure_code, there(desk)) == ("succeeded", None, CENTS)
    assert desk.invoice_state(invoice) == ("open", CENTS)
    assert desk.claims(invoice) == ["consumed"]
    for account in ("refunds_payable", "processor_clearing", "premium_payable", "commission_income"):
        assert balance(desk, account) == 0, account
    assert queued(desk) == ["mail.refund_sent"]
    desk.assert_sound()
    assert paid(desk, invoice).state == "succeeded"
    desk.assert_sound()


def test_part_by_part_down_to_the_last_cent_and_not_one_more(desk: Desk) -> None:
    one, two = desk.invoice(10_000), desk.invoice(20_000)
    payment = paid(desk, one, two)
    refund(desk.till, order(payment, {two: 12_345}), BEA)
    assert desk.invoice_state(two) == ("open", 12_345)
    refund(desk.till, order(payment, {one: 10_000, two: 7_655}, "two"), BEA)
    with pytest.raises(Conflict):
        refund(desk.till, order(payment, {two: 1}, "three"), BEA)
    with pytest.raises(BadInput):
        refund(desk.till, order(payment, {}, "four"), BEA)
    assert there(desk) == 30_000
    desk.assert_sound()


def test_a_double_press_and_two_people_at_once_refund_once(desk: Desk) -> None:
    invoice = desk.invoice()
    payment = paid(desk, invoice)

    def press(key: str) -> str:
        try:
            return refund(desk.till, order(payment, {invoice: CENTS}, key), BEA).reference
        except Conflict:
            return "refused"

    with ThreadPoolExecutor(4) as threads:
        said = list(threads.map(press, ["one", "one", "two", "two"]))
    assert len(set(said) - {"refused"}) == 1
    assert there(desk) == CENTS
    desk.assert_sound()


@pytest.mark.parametrize("how", ["never arrived", "answer lost"])
def test_an_unknown_outcome_is_looked_up_and_sent_again_only_when_late_and_absent(desk: Desk, how: str) -> None:
    invoice = desk.invoice()
    payment = paid(desk, invoice)
    with interrupted(desk.till, Points(loses={1: how})) as till:
        made = refund(till, order(payment, {invoice: CENTS}), BEA)
    assert (made.state, made.attempt) == ("requested", 1)
    assert desk.broken_rules() == []
    desk.clock.pass_(minutes=3)
    reconcile_all(desk)
    state, attempt = ("succeeded", 1) if how == "answer lost" else ("requested", 1)
    assert [(each.state, each.attempt) for each in refunds(desk)] == [(state, attempt)]
    desk.clock.pass_(minutes=8)
    reconcile_all(desk)
    assert [each.state for each in refunds(desk)] == ["succeeded"]
    assert there(desk) == CENTS
    desk.assert_sound()


@pytest.mark.parametrize("crash_at", range(1, 9))
def test_a_process_that_ends_anywhere_refunds_once(desk: Desk, crash_at: int) -> None:
    invoice = desk.invoice()
    payment = paid(desk, invoice)
    wanted = order(payment, {invoice: CENTS})
    with interrupted(desk.till, Points(crash_at=crash_at)) as till, suppress(Crash):
        refund(till, wanted, BEA)
    for _ in range(2):
        desk.clock.pass_(minutes=11)
        reconcile_all(desk)
    assert refund(desk.till, wanted, BEA).state == "succeeded"  # the button pressed again finds it, or makes it
    assert there(desk) == CENTS
    desk.assert_sound()


def test_events_in_any_order_and_often_change_nothing_twice(desk: Desk) -> None:
    invoice = desk.invoice()
    payment = paid(desk, invoice, card="pm_card_pendingRefund")
    with interrupted(desk.till, Points(loses={1: "answer lost"})) as till:
        refund(till, order(payment, {invoice: CENTS}), BEA)
    at_the_bank(desk, "succeed")
    for _ in range(2):
        work_events(desk)
    made = refunds(desk)[0]
    assert made.state == "succeeded"
    assert made.refund_id is not None
    for kind in ("refund.created", "refund.updated", "charge.refund.updated"):
        assert handle(desk.till, kind, made.refund_id) == "succeeded"
    assert queued(desk) == ["mail.refund_sent"]
    desk.assert_sound()


def test_a_refund_that_comes_back_is_owed_as_credit(desk: Desk) -> None:
    invoice = desk.invoice()
    payment = paid(desk, invoice, card="pm_card_refundFail")
    made = refund(desk.till, order(payment, {invoice: CENTS}), BEA)
    assert made.state == "succeeded"
    at_the_bank(desk, "fail")
    work_events(desk)
    assert [each.state for each in refunds(desk)] == ["failed"]
    assert (balance(desk, "customer_credit"), balance(desk, "refunds_payable")) == (-CENTS, 0)
    assert balance(desk, "processor_clearing") == CENTS
    assert tasks(desk) == ["refund.failed"]
    assert queued(desk) == ["mail.refund_sent", "mail.refund_failed"]
    desk.assert_sound()
    again = refund(desk.till, order(payment, {}, "again", credit_cents=CENTS), BEA)
    assert (again.state, there(desk), balance(desk, "customer_credit")) == ("succeeded", CENTS, 0)
    desk.assert_sound()


def test_what_the_processor_refuses_is_undone_and_staff_learn_why(desk: Desk) -> None:
    invoice = desk.invoice()
    payment = paid(desk, invoice)
    desk.processor.v1.refunds.create({"payment_intent": str(payment.intent_id)})  # somebody at the processor itself
    made = refund(desk.till, order(payment, {invoice: CENTS}), BEA)
    assert (made.state, made.failure_code) == ("canceled", "charge_already_refunded")
    assert desk.invoice_state(invoice) == ("paid", 0)
    assert tasks(desk) == ["refund.refused"]
    assert desk.broken_rules() == []


def test_a_refund_made_at_the_processor_is_taken_in(desk: Desk) -> None:
    invoice = desk.invoice()
    payment = paid(desk, invoice)
    desk.processor.v1.refunds.create({"payment_intent": str(payment.intent_id), "amount": 10_000})
    for _ in range(2):
        work_events(desk)
    (found,) = refunds(desk)
    assert (found.state, found.total_cents, found.reason) == ("succeeded", 10_000, "at_processor")
    assert desk.invoice_state(invoice) == ("open", 10_000)
    assert tasks(desk) == ["refund.found"]
    desk.assert_sound()


def test_a_refund_of_credit_takes_it_from_its_owner(desk: Desk) -> None:
    invoice = desk.invoice()
    first = desk.order(invoice)
    with interrupted(desk.till, Points(loses={2: "answer lost"})) as till:
        payment = submit(till, first)
    desk.close_by_mistake(payment)
    assert payment.intent_id is not None
    handle(desk.till, "payment_intent.succeeded", payment.intent_id)
    with desk.till.reading() as session:
        owner = session.scalars(select(CreditEntry.insured_id)).one()
        assert owner is not None
        assert credit_balance(session, CreditOwner(insured_id=owner)) == CENTS
    refund(desk.till, order(payment, {}, credit_cents=CENTS), BEA)
    with desk.till.reading() as session:
        assert credit_balance(session, CreditOwner(insured_id=owner)) == 0
    desk.assert_sound()
