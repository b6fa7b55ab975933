"""The reconciler, row by row of its table: by state and age, nobody starved, nobody cut off too early."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.payments.gateway import OutcomeUnknown
from portal.payments.models import Payment
from portal.payments.reconcile import due, reconcile
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.payments.interruptions import Crash, Points, interrupted
from tests.sandbox.stripe.paying import control

BANK_ASKS = "pm_card_threeDSecure2Required"
BANK_WAITS = "pm_usBankAccount_processing"


def waiting(desk: Desk, most: int = 200) -> list[int]:
    with desk.till.reading() as session:
        return due(session, desk.clock(), most)


def tasks(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        return sorted(session.scalars(select(StaffTask.kind)))


def mails(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        return sorted(session.scalars(select(OutboxRow.kind)))


def cut_off(desk: Desk, point: str) -> Payment:
    """A payment whose process ended at the first point of this name."""
    through, order = desk.order(desk.invoice()), desk.order(desk.invoice())
    golden = Points()
    with interrupted(desk.till, golden) as till:
        submit(till, through)
    with interrupted(desk.till, Points(golden.passed.index(point) + 1)) as till, pytest.raises(Crash):
        submit(till, order)
    with desk.till.reading() as session:
        return session.scalars(select(Payment).order_by(Payment.id.desc()).limit(1)).one()


def lost_at_confirm(desk: Desk, how: str = "answer lost", card: str = "pm_card_visa") -> Payment:
    order = desk.order(desk.invoice(), card=card)
    with interrupted(desk.till, Points(loses={2: how})) as till:
        payment = submit(till, order)
    assert payment.state == "submitted"
    return payment


@pytest.mark.parametrize(
    ("make", "state", "minutes", "end"),
    [
        (lambda desk: cut_off(desk, "before create"), "created", 15, "canceled"),
        (lambda desk: cut_off(desk, "before confirm"), "submitted", 2, "canceled"),
        (lambda desk: cut_off(desk, "after confirm"), "submitted", 2, "succeeded"),
        (lambda desk: lost_at_confirm(desk, card="pm_card_visa_chargeDeclined"), "submitted", 2, "failed"),
        (lambda desk: submit(desk.till, desk.order(desk.invoice(), card=BANK_ASKS)), "action_required", 30, "canceled"),
    ],
)
def test_each_state_has_its_time_and_its_end(
    desk: Desk, make: Callable[[Desk], Payment], state: str, minutes: int, end: str
) -> None:
    payment = make(desk)
    assert payment.state == state
    desk.clock.ahead = payment.changed_at - desk.clock() + desk.clock.ahead + timedelta(minutes=minutes, seconds=-5)
    assert waiting(desk) == []
    desk.clock.pass_(seconds=10)
    assert waiting(desk) == [payment.id]
    assert reconcile(desk.till, payment.id).state == end
    assert waiting(desk) == []
    desk.assert_sound()


def test_a_bank_that_wants_to_confirm_gives_the_payer_half_an_hour_from_then_on(desk: Desk) -> None:
    """The answer was lost: only the reconciler learns that the bank asks. It must not take the chance away at once."""
    payment = lost_at_confirm(desk, card=BANK_ASKS)
    desk.clock.pass_(minutes=3)
    assert reconcile(desk.till, payment.id).state == "action_required"
    desk.decide(payment, "complete")
    desk.clock.pass_(minutes=31)
    assert reconcile(desk.till, payment.id).state == "succeeded"
    desk.assert_sound()


def test_payments_that_cannot_be_brought_on_hide_no_others(desk: Desk) -> None:
    """The processor does not know the oldest ones any more: each run begins with those it has not tried yet."""
    stuck = [lost_at_confirm(desk).id for _ in range(3)]
    with desk.till.writing() as session:
        for number, payment_id in enumerate(stuck):
            lost = update(Payment).where(Payment.id == payment_id).values(intent_id=f"pi_gone_{number}")
            session.execute(lost.execution_options(synchronize_session=False))
    desk.clock.pass_(minutes=3)
    newer = lost_at_confirm(desk)
    desk.clock.pass_(minutes=3)
    seen = []
    for _ in range(4):
        [payment_id] = waiting(desk, most=1)
        seen.append(payment_id)
        if payment_id in stuck:
            with pytest.raises(Exception, match="No such payment_intent"):
                reconcile(desk.till, payment_id)
        else:
            reconcile(desk.till, payment_id)
        desk.clock.pass_(seconds=1)
    assert seen == [*stuck, newer.id]
    assert desk.payment(newer.id).state == "succeeded"


def test_one_that_was_just_looked_at_is_left_to_the_next_run(desk: Desk) -> None:
    payment = lost_at_confirm(desk)
    desk.clock.pass_(minutes=3)
    with interrupted(desk.till, Points(loses={1: "never arrived"})) as till, pytest.raises(OutcomeUnknown):
        reconcile(till, payment.id)
    assert waiting(desk) == []
    desk.clock.pass_(seconds=60)
    assert waiting(desk) == [payment.id]


def test_after_a_week_staff_are_asked_and_nothing_is_given_up(desk: Desk) -> None:
    payment = lost_at_confirm(desk)
    desk.clock.pass_(days=8)
    with interrupted(desk.till, Points(loses={1: "never arrived"})) as till, pytest.raises(OutcomeUnknown):
        reconcile(till, payment.id)
    assert tasks(desk) == ["payment.stuck"]
    assert desk.payment(payment.id).state == "submitted"


def test_keys_of_another_account_are_no_reason_to_ask_it(desk: Desk) -> None:
    """The agency has changed its account while a payment was under way: staff have to look at the old one."""
    payment = lost_at_confirm(desk)
    with desk.till.writing() as session:
        elsewhere = update(Payment).where(Payment.id == payment.id).values(account="acct_before")
        session.execute(elsewhere.execution_options(synchronize_session=False))
    desk.clock.pass_(minutes=3)
    assert reconcile(desk.till, payment.id).state == "submitted"
    assert tasks(desk) == ["payment.other_account"]


@pytest.mark.parametrize(
    ("make", "minutes"),
    [
        (lambda desk: lost_at_confirm(desk, "never arrived"), 3),
        (lambda desk: cut_off(desk, "before create"), 16),
        (lambda desk: submit(desk.till, desk.order(desk.invoice(), card=BANK_ASKS)), 31),
    ],
)
def test_a_payer_who_was_not_there_for_the_end_hears_of_it(
    desk: Desk, make: Callable[[Desk], Payment], minutes: int
) -> None:
    """The page has promised the result by mail."""
    payment = make(desk)
    before = mails(desk)
    desk.clock.pass_(minutes=minutes)
    assert reconcile(desk.till, payment.id).state == "canceled"
    assert [kind for kind in mails(desk) if kind not in before] == ["mail.payment_failed"]


def test_a_bank_is_asked_about_every_hour_and_staff_after_ten_days(desk: Desk) -> None:
    """The event that says how it ended may be lost; a debit that nobody answers is for people."""
    payment = submit(desk.till, desk.order(desk.invoice(), card=BANK_WAITS))
    assert payment.state == "processing"
    desk.clock.pass_(minutes=59)
    assert waiting(desk) == []
    desk.clock.pass_(minutes=2)
    assert waiting(desk) == [payment.id]
    assert reconcile(desk.till, payment.id).state == "processing"
    desk.clock.pass_(minutes=59)
    assert waiting(desk) == []
    desk.clock.pass_(days=9)
    reconcile(desk.till, payment.id)
    assert tasks(desk) == []
    desk.clock.pass_(days=1)
    reconcile(desk.till, payment.id)
    assert tasks(desk) == ["payment.stuck"]
    control(desk.sandbox, f"debits/{payment.intent_id}/settle")
    desk.clock.pass_(hours=2)
    assert reconcile(desk.till, payment.id).state == "succeeded"
    desk.assert_sound()


def test_a_bank_that_pays_before_anybody_asked_still_sends_the_payers_copy(desk: Desk) -> None:
    payment = lost_at_confirm(desk, card=BANK_WAITS)
    assert payment.intent_id
    assert mails(desk) == []
    control(desk.sandbox, f"debits/{payment.intent_id}/settle")
    desk.clock.pass_(minutes=3)
    assert reconcile(desk.till, payment.id).state == "succeeded"
    assert mails(desk) == ["mail.bank_debit", "mail.paid_by_third_party", "mail.payment_receipt"]
    desk.assert_sound()
