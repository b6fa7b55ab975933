"""What the processor pays out is in the books to the cent: with its fees, once, and what nobody knows is for staff."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.core.staff_tasks import StaffTask
from portal.ledger.models import JournalLine
from portal.payments.balance_models import BalanceTransaction, ProcessorPayout
from portal.payments.gateway import OutcomeUnknown
from portal.payments.inbox import handle
from portal.payments.payout_moves import BOOKED, BOOKED_OF, MOVES, next_state, steps
from portal.payments.processor_payouts import read_payouts, take_payout
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.payments.interruptions import Points, interrupted
from tests.sandbox.stripe.paying import DAY, control, debit
from tests.sandbox.stripe.paying import pay as pay_elsewhere


def balance(desk: Desk, account: str) -> int:
    """What stands in an account of the books; debit is positive."""
    with desk.till.reading() as session:
        side = func.sum(JournalLine.debit_cents - JournalLine.credit_cents)
        return int(session.scalar(select(side).where(JournalLine.account == account)) or 0)


def movements(desk: Desk) -> list[tuple[str, str, int, str | None]]:
    with desk.till.reading() as session:
        rows = session.scalars(select(BalanceTransaction).order_by(BalanceTransaction.id))
        return [(row.kind, row.state, row.net_cents, row.entry_kind) for row in rows]


def payout(desk: Desk) -> ProcessorPayout:
    with desk.till.reading() as session:
        return session.scalars(select(ProcessorPayout).order_by(ProcessorPayout.id.desc()).limit(1)).one()


def tasks(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        return sorted(session.scalars(select(StaffTask.kind).where(StaffTask.closed_at.is_(None))))


def pass_days(desk: Desk, days: int) -> None:
    """Time passes, here and at the processor."""
    desk.clock.pass_(days=days)
    control(desk.sandbox, "clock", {"advance_seconds": days * DAY})


def pay(desk: Desk, cents: int = 100_00) -> None:
    assert submit(desk.till, desk.order(desk.invoice(cents))).state == "succeeded"


def pay_out(desk: Desk) -> Any:
    """What is available two days later goes to the bank, by the processor's schedule."""
    pass_days(desk, 2)
    return control(desk.sandbox, "payouts", {"account": desk.till.account})


def step(desk: Desk, what: str, **more: str) -> None:
    control(desk.sandbox, f"payouts/{payout(desk).payout_id}/{what}", more)


def processor_balance(desk: Desk) -> int:
    books = control(desk.sandbox, f"books?account={desk.till.account}", method="GET")["accounts"]
    return int(books[desk.till.account]["balance_cents"])


def test_a_charge_is_matched_and_its_fee_posted_once(desk: Desk) -> None:
    pay(desk)
    assert desk.read_balance() == 1
    assert desk.read_balance() == 0
    assert movements(desk) == [("charge", "posted", 96_80, "charge")]
    assert balance(desk, "processor_fees") == 3_20
    assert balance(desk, "processor_clearing") == processor_balance(desk) == 96_80
    desk.assert_sound()


def test_a_payout_waits_until_all_it_pays_out_is_known_then_arrives(desk: Desk) -> None:
    pay(desk)
    pay(desk, 200_00)
    pay_out(desk)
    read_payouts(desk.till)
    assert (payout(desk).state, payout(desk).booked) == ("in_transit", "none")
    assert balance(desk, "payout_in_transit") == 0
    step(desk, "reconcile")
    assert handle(desk.till, "payout.reconciliation_completed", payout(desk).payout_id) == "in_transit"
    assert balance(desk, "payout_in_transit") == 290_70
    assert balance(desk, "processor_clearing") == processor_balance(desk) == 0
    with desk.till.reading() as session:
        listed = select(func.count(BalanceTransaction.id)).where(BalanceTransaction.payout_id == payout(desk).payout_id)
        assert session.scalar(listed) == 3, "two charges and the payout itself"
    step(desk, "arrive")
    assert handle(desk.till, "payout.paid", payout(desk).payout_id) == "paid"
    assert (balance(desk, "payout_in_transit"), balance(desk, "trust_bank")) == (0, 290_70)
    assert tasks(desk) == []
    desk.assert_sound()


def test_a_payout_that_was_paid_fails_and_goes_out_again(desk: Desk) -> None:
    pay(desk)
    pay_out(desk)
    read_payouts(desk.till)
    for what in "reconcile", "arrive":
        step(desk, what)
    read_payouts(desk.till)
    assert balance(desk, "trust_bank") == 96_80
    step(desk, "fail", code="account_closed")
    read_payouts(desk.till)
    assert (payout(desk).state, payout(desk).failure) == ("failed", "account_closed")
    assert (balance(desk, "trust_bank"), balance(desk, "processor_clearing")) == (0, 96_80)
    assert tasks(desk) == ["payout.failed"]
    control(desk.sandbox, "payouts", {"account": desk.till.account})
    read_payouts(desk.till)
    step(desk, "reconcile")
    read_payouts(desk.till)
    assert (balance(desk, "payout_in_transit"), balance(desk, "processor_clearing")) == (96_80, 0)
    desk.assert_sound()


def test_one_that_fails_before_it_was_posted_leaves_nothing_behind(desk: Desk) -> None:
    pay(desk)
    pay_out(desk)
    read_payouts(desk.till)
    step(desk, "fail", code="no_account")
    read_payouts(desk.till)
    assert payout(desk).booked == "failed"
    assert (balance(desk, "payout_in_transit"), balance(desk, "processor_clearing")) == (0, 96_80)
    desk.assert_sound()


def test_a_payout_by_hand_is_posted_and_shown_to_staff(desk: Desk) -> None:
    pay(desk)
    pass_days(desk, 2)
    desk.processor.v1.payouts.create({"amount": 50_00, "currency": "usd"})
    read_payouts(desk.till)
    assert tasks(desk) == ["payout.by_hand"]
    assert (balance(desk, "payout_in_transit"), balance(desk, "processor_clearing")) == (50_00, 46_80)
    desk.processor.v1.payouts.cancel(payout(desk).payout_id)
    read_payouts(desk.till)
    assert (payout(desk).state, balance(desk, "processor_clearing")) == ("canceled", 96_80)
    desk.assert_sound()


def test_a_fee_of_its_own_is_a_fee(desk: Desk) -> None:
    control(desk.sandbox, "fees", {"account": desk.till.account, "amount_cents": 2_50, "description": "Radar"})
    desk.read_balance()
    assert (balance(desk, "processor_fees"), balance(desk, "processor_clearing")) == (2_50, -2_50)
    desk.assert_sound()


def test_a_charge_of_somebody_else_waits_a_day_then_is_for_staff(desk: Desk) -> None:
    pay_elsewhere(desk.processor, amount=70_00)
    desk.read_balance()
    assert movements(desk) == [("charge", "waiting", 67_67, None)]
    assert desk.broken_rules() == []
    desk.clock.pass_(days=2)
    desk.read_balance()
    assert tasks(desk) == ["balance.unexplained"]
    assert balance(desk, "suspense") == -70_00
    assert balance(desk, "processor_clearing") == processor_balance(desk)
    assert desk.broken_rules() == []


def test_what_is_explained_later_leaves_suspense(desk: Desk) -> None:
    """The payment's success becomes known only after its money was put aside as not explained."""
    order = desk.order(desk.invoice(100_00))
    with interrupted(desk.till, Points(loses={2: "answer lost"})) as till:
        payment = submit(till, order)
    desk.read_balance()
    desk.clock.pass_(days=2)
    desk.read_balance()
    assert movements(desk) == [("charge", "suspense", 96_80, "unexplained")]
    assert desk.broken_rules() == []
    handle(desk.till, "payment_intent.succeeded", str(payment.intent_id))
    desk.read_balance()
    assert movements(desk) == [("charge", "posted", 96_80, "charge")]
    assert (balance(desk, "suspense"), balance(desk, "processor_clearing")) == (0, 96_80)
    desk.assert_sound()


def test_a_debit_that_fails_on_its_way_leaves_its_fee_alone(desk: Desk) -> None:
    """Its movement and the one that takes it back cancel out; what remains is the fee for a failed debit."""
    debit(desk.processor, "pm_usBankAccount_accountClosed", 100_00)
    desk.read_balance()
    pass_days(desk, 5)
    desk.read_balance()
    assert {state for _, state, _, _ in movements(desk)} == {"posted"}
    assert balance(desk, "suspense") == 0
    assert balance(desk, "processor_clearing") == processor_balance(desk)
    assert tasks(desk) == []
    desk.assert_sound()


def test_a_debit_that_takes_days_waits_for_its_end_and_is_no_matter_for_staff(desk: Desk) -> None:
    payment = submit(desk.till, desk.order(desk.invoice(100_00), card="pm_usBankAccount_processing"))
    for _ in range(2):
        pass_days(desk, 2)
        desk.read_balance()
        assert movements(desk) == [("payment", "waiting", 99_20, None)]
    assert (tasks(desk), balance(desk, "suspense")) == ([], 0)
    control(desk.sandbox, f"debits/{payment.intent_id}/settle")
    handle(desk.till, "payment_intent.succeeded", str(payment.intent_id))
    desk.read_balance()
    assert movements(desk) == [("payment", "posted", 99_20, "charge")]
    assert tasks(desk) == []
    desk.assert_sound()


@pytest.mark.parametrize("is_heard_first", [True, False])
def test_a_debit_of_ours_that_comes_to_nothing_leaves_its_fee_alone(desk: Desk, is_heard_first: bool) -> None:
    payment = submit(desk.till, desk.order(desk.invoice(100_00), card="pm_usBankAccount_processing"))
    pass_days(desk, 2)
    desk.read_balance()
    control(desk.sandbox, f"debits/{payment.intent_id}/fail", {"code": "account_closed"})
    if is_heard_first:
        handle(desk.till, "payment_intent.payment_failed", str(payment.intent_id))
    desk.read_balance()
    assert {state for _, state, _, _ in movements(desk)} == {"posted"}
    assert balance(desk, "suspense") == 0
    assert balance(desk, "processor_clearing") == processor_balance(desk)
    assert "balance.unexplained" not in tasks(desk)
    assert desk.broken_rules() == []


def test_while_the_processor_does_not_answer_nothing_is_missed(desk: Desk) -> None:
    pay(desk)
    desk.fault("balance_transactions.list", "error_before")
    with pytest.raises(OutcomeUnknown):
        read_payouts(desk.till)
    desk.clock.pass_(days=9)
    assert desk.read_balance() == 1


def test_more_than_one_page_is_read(desk: Desk) -> None:
    for number in range(1, 105):
        control(desk.sandbox, "fees", {"account": desk.till.account, "amount_cents": number})
    desk.read_balance()
    assert balance(desk, "processor_fees") == sum(range(1, 105))


def test_a_payout_that_does_not_add_up_is_for_staff(desk: Desk) -> None:
    pay(desk)
    pay_out(desk)
    desk.read_balance()
    with desk.till.writing() as session:
        row = session.scalars(select(BalanceTransaction).where(BalanceTransaction.kind == "charge")).one()
        row.amount_cents, row.net_cents = row.amount_cents + 1, row.net_cents + 1
    read_payouts(desk.till)
    step(desk, "reconcile")
    take_payout(desk.till, payout(desk).payout_id)
    assert tasks(desk) == ["payout.differs"]


def test_the_moves_of_a_payout() -> None:
    assert {*MOVES} == {*BOOKED_OF}
    assert next_state("paid", "in_transit") == "paid", "older news"
    assert next_state("paid", "failed") == "failed"
    for booked, ways in BOOKED.items():
        for end, entries in ways.items():
            assert entries[-1] == end
        assert booked not in ways
    assert steps("created", "canceled") == ("failed",)


def test_two_workers_at_once_post_once(desk: Desk) -> None:
    pay(desk)
    pay_out(desk)
    read_payouts(desk.till)
    step(desk, "reconcile")
    payout_id = payout(desk).payout_id
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda _: take_payout(desk.till, payout_id), range(4))) == {"in_transit"}
    assert (balance(desk, "payout_in_transit"), balance(desk, "processor_clearing")) == (96_80, 0)
    desk.clock.pass_(hours=1)
    desk.assert_sound()


def test_the_first_reading_begins_with_the_first_payment(desk: Desk) -> None:
    pay(desk)
    desk.clock.pass_(days=60)
    assert desk.read_balance() == 1


def test_movements_of_a_later_day_are_read_from_where_the_last_reading_ended(desk: Desk) -> None:
    pay(desk)
    desk.read_balance()
    pass_days(desk, 1)
    pay(desk)
    assert desk.read_balance() == 1
    assert desk.clock.ahead == timedelta(days=1)
