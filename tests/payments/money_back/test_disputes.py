"""Disputes and returns: each movement of money once, invoices open and paid again, and no refund meanwhile."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.core.errors import Conflict
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.payments.inbox import handle
from portal.payments.models import Payment
from portal.payments.money_back.disputes import apply_dispute
from portal.payments.money_back.models import Dispute, DisputeMovement
from portal.payments.money_back.nightly import look_again
from portal.payments.money_back.refund import refund
from portal.payments.processor_payouts import read_payouts
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.payments.interruptions import Crash, Points, interrupted
from tests.payments.money_back.test_refund import BEA, CENTS, balance, order, paid, refunds, tasks, work_events
from tests.sandbox.stripe.paying import control


def dispute(desk: Desk, payment: Payment, **how: str) -> str:
    """The cardholder's bank disputes a payment; the dispute's id."""
    return str(control(desk.sandbox, f"charges/{payment.charge_id}/dispute", dict(how))["id"])


def decide(desk: Desk, dispute_id: str, outcome: str) -> None:
    control(desk.sandbox, f"disputes/{dispute_id}/{outcome}")


def stored(desk: Desk) -> list[tuple[Any, ...]]:
    with desk.till.reading() as session:
        rows = session.execute(
            select(Dispute.status, DisputeMovement.amount_cents)
            .outerjoin(DisputeMovement, DisputeMovement.dispute_id == Dispute.id)
            .order_by(DisputeMovement.id)
        )
        return list(rows)


def test_a_dispute_opens_the_invoice_again_and_one_that_is_won_pays_it_again(desk: Desk) -> None:
    invoice = desk.invoice()
    payment = paid(desk, invoice)
    about = dispute(desk, payment)
    for _ in range(2):
        work_events(desk)
    assert stored(desk) == [("needs_response", -CENTS)]
    assert desk.invoice_state(invoice) == ("open", CENTS)
    assert desk.claims(invoice) == ["reversed"]
    assert (balance(desk, "processor_clearing"), balance(desk, "processor_fees")) == (-1_500, 1_500)
    assert tasks(desk) == ["dispute.opened"]
    desk.assert_sound()
    decide(desk, about, "won")
    for _ in range(2):
        work_events(desk)
    assert stored(desk) == [("won", -CENTS), ("won", CENTS)]
    assert desk.invoice_state(invoice) == ("paid", 0)
    assert desk.claims(invoice) == ["consumed"]
    desk.assert_sound()


def open_matters(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        return list(session.scalars(select(StaffTask.kind).where(StaffTask.closed_at.is_(None))))


def news(desk: Desk) -> list[str]:
    """What the payer is told, in order."""
    query = select(OutboxRow.payload).where(OutboxRow.kind == "mail.dispute_news").order_by(OutboxRow.id)
    with desk.till.reading() as session:
        return [payload["news"] for payload in session.scalars(query)]


def test_the_payer_is_told_once_that_it_is_disputed_and_once_how_it_ended(desk: Desk) -> None:
    about = dispute(desk, paid(desk, desk.invoice()), inquiry="1")
    work_events(desk)
    assert news(desk) == []  # a bank that only asks has taken nothing
    for outcome, told in (
        ("escalate", ["opened"]),
        ("won", ["opened", "won"]),
        ("reopen", ["opened", "won"]),
        ("lost", ["opened", "won", "lost"]),
    ):
        decide(desk, about, outcome)
        for _ in range(2):
            work_events(desk)
        assert news(desk) == told


def test_won_then_lost_then_won_again(desk: Desk) -> None:
    invoice = desk.invoice()
    about = dispute(desk, paid(desk, invoice))
    for outcome, state in ("won", "paid"), ("reopen", "open"), ("lost", "open"):
        decide(desk, about, outcome)
        work_events(desk)
        assert desk.invoice_state(invoice)[0] == state, outcome
        desk.assert_sound()
    assert [cents for _, cents in stored(desk)] == [-CENTS, CENTS, -CENTS]
    assert "dispute.lost" in tasks(desk)


def test_what_was_paid_again_meanwhile_is_credit_when_the_dispute_is_won(desk: Desk) -> None:
    invoice = desk.invoice()
    about = dispute(desk, paid(desk, invoice))
    work_events(desk)
    assert paid(desk, invoice).state == "succeeded"
    decide(desk, about, "won")
    work_events(desk)
    assert desk.invoice_state(invoice) == ("paid", 0)
    assert balance(desk, "customer_credit") == -CENTS
    desk.assert_sound()


def test_an_inquiry_takes_nothing_until_it_becomes_a_dispute(desk: Desk) -> None:
    invoice = desk.invoice()
    about = dispute(desk, paid(desk, invoice), inquiry="1")
    work_events(desk)
    assert stored(desk) == [("warning_needs_response", None)]
    assert desk.invoice_state(invoice) == ("paid", 0)
    assert tasks(desk) == ["dispute.inquiry"]
    decide(desk, about, "escalate")
    work_events(desk)
    assert stored(desk) == [("needs_response", -CENTS)]
    assert desk.invoice_state(invoice) == ("open", CENTS)
    assert open_matters(desk) == ["dispute.opened"]  # what staff read of the inquiry would be wrong now
    with desk.till.reading() as session:
        told = session.scalars(
            select(OutboxRow.payload).where(OutboxRow.kind == "mail.dispute_opened").order_by(OutboxRow.id)
        ).all()
    assert [each["matter"] for each in told] == ["inquiry", "dispute"]
    decide(desk, about, "won")
    work_events(desk)
    assert open_matters(desk) == []
    desk.assert_sound()


def test_nothing_is_refunded_while_disputed_and_what_was_refunded_is_not_taken_twice(desk: Desk) -> None:
    invoice = desk.invoice()
    payment = paid(desk, invoice)
    refund(desk.till, order(payment, {invoice: 10_000}), BEA)
    about = dispute(desk, payment)
    work_events(desk)
    assert stored(desk) == [("needs_response", -(CENTS - 10_000))]
    with pytest.raises(Conflict):
        refund(desk.till, order(payment, {invoice: 1}, "two"), BEA)
    assert desk.invoice_state(invoice) == ("open", CENTS)
    decide(desk, about, "won")
    work_events(desk)
    assert desk.invoice_state(invoice) == ("open", 10_000)
    assert len(refunds(desk)) == 1
    desk.assert_sound()


def test_a_bank_debit_that_is_returned_is_final(desk: Desk) -> None:
    invoice = desk.invoice()
    waiting = submit(desk.till, desk.order(invoice, card="pm_usBankAccount_success"))
    assert waiting.state == "processing"
    control(desk.sandbox, f"debits/{waiting.intent_id}/settle")
    control(desk.sandbox, f"debits/{waiting.intent_id}/return", {"code": "debit_not_authorized"})
    for _ in range(2):
        work_events(desk)
    assert stored(desk) == [("lost", -CENTS)]
    assert desk.invoice_state(invoice) == ("open", CENTS)
    assert desk.claims(invoice) == ["reversed"]
    assert tasks(desk) == ["dispute.returned"]
    with desk.till.reading() as session:
        kinds = set(session.scalars(select(OutboxRow.kind)))
    assert kinds >= {"mail.payment_returned", "mail.dispute_opened"}
    desk.assert_sound()


def test_a_return_is_one_by_how_it_was_paid_whatever_the_processor_calls_it(desk: Desk) -> None:
    """Its documents name no bank debit among the methods of a dispute."""
    waiting = submit(desk.till, desk.order(desk.invoice(), card="pm_usBankAccount_success"))
    control(desk.sandbox, f"debits/{waiting.intent_id}/settle")
    control(desk.sandbox, f"debits/{waiting.intent_id}/return", {"code": "debit_not_authorized"})
    (seen,) = desk.till.gateway.disputes_since(desk.clock() - timedelta(days=1))
    apply_dispute(desk.till, seen.id, replace(seen, is_bank=False))
    assert tasks(desk) == ["dispute.returned"]
    with desk.till.reading() as session:
        assert session.scalars(select(Dispute.kind)).one() == "bank"


def test_the_nightly_look_finds_what_no_event_brought(desk: Desk) -> None:
    one, two = desk.invoice(), desk.invoice(20_000)
    desk.processor.v1.refunds.create({"payment_intent": str(paid(desk, one).intent_id)})
    dispute(desk, paid(desk, two))
    for _ in range(2):
        assert look_again(desk.till) == 2
    assert stored(desk) == [("needs_response", -20_000)]
    assert [each.state for each in refunds(desk)] == ["succeeded"]
    desk.assert_sound()


def test_a_process_that_ends_anywhere_posts_a_dispute_once(desk: Desk) -> None:
    invoice = desk.invoice()
    about = dispute(desk, paid(desk, invoice))
    for crash_at in range(1, 5):
        with interrupted(desk.till, Points(crash_at=crash_at)) as till:
            try:
                apply_dispute(till, about)
            except Crash:
                continue
    for kind in ("charge.dispute.funds_withdrawn", "charge.dispute.created", "charge.dispute.created"):
        handle(desk.till, kind, about)
    assert stored(desk) == [("needs_response", -CENTS)]
    desk.assert_sound()


def test_the_processors_balance_is_explained_by_refunds_and_disputes(desk: Desk) -> None:
    one, two = desk.invoice(), desk.invoice(20_000)
    refund(desk.till, order(paid(desk, one), {one: CENTS}), BEA)
    about = dispute(desk, paid(desk, two))
    decide(desk, about, "lost")
    work_events(desk)
    read_payouts(desk.till)
    books = control(desk.sandbox, f"books?account={desk.till.account}", method="GET")["accounts"][desk.till.account]
    assert balance(desk, "processor_clearing") == books["balance_cents"]
    assert balance(desk, "suspense") == 0
    desk.assert_sound()


def test_a_dispute_that_is_heard_of_days_after_its_money_went_is_still_sound(desk: Desk) -> None:
    """Its movement was put aside as not explained with its fee; the dispute's own entry holds that fee again."""
    payment = paid(desk, desk.invoice())
    desk.read_balance()
    about = dispute(desk, payment)
    desk.read_balance()
    desk.wait(timedelta(days=2))
    desk.read_balance()
    assert tasks(desk) == ["balance.unexplained"]
    desk.assert_sound()
    handle(desk.till, "charge.dispute.created", about)
    desk.read_balance()
    assert (balance(desk, "processor_fees"), balance(desk, "suspense")) == (1_226 + 1_500, 0)
    desk.assert_sound()


def test_a_dispute_about_what_was_given_back_already_takes_a_fee_alone_and_holds_nothing_up(desk: Desk) -> None:
    """Nothing of it is left to take. The nightly look, and the reading after a restore, go on to what follows."""
    invoice = desk.invoice()
    payment = paid(desk, invoice)
    refund(desk.till, order(payment, {invoice: CENTS}), BEA)
    dispute(desk, payment)
    work_events(desk)
    assert look_again(desk.till) == 2
    assert stored(desk) == [("needs_response", None)]
    assert tasks(desk) == ["dispute.opened"]
    read_payouts(desk.till)
    assert (balance(desk, "processor_fees"), balance(desk, "suspense")) == (1_226 + 1_500, 0)
    books = control(desk.sandbox, f"books?account={desk.till.account}", method="GET")["accounts"][desk.till.account]
    assert balance(desk, "processor_clearing") == books["balance_cents"]
    desk.assert_sound()
