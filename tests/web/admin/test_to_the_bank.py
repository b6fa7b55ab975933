"""From the payer to the agency's bank: payments, a refund and a dispute, matched to the payout that they are in."""

from flask import Flask
from sqlalchemy import func, select

from portal.core.staff_tasks import StaffTask
from portal.ledger.models import JournalLine
from portal.payments.balance_models import BalanceTransaction, ProcessorPayout
from portal.payments.models import Payment
from portal.payments.money_back.models import Refund
from portal.payments.processor_payouts import read_payouts
from tests.factories.desk import Desk
from tests.factories.staff import staff_visitor
from tests.payments.money_back.test_disputes import dispute
from tests.payments.money_back.test_refund import work_events
from tests.payments.test_processor_payouts import balance, pay_out, processor_balance, step
from tests.web.admin.test_refund import give_back
from tests.web.paying.conftest import ana, app, desk
from tests.web.paying.test_flow import pay, review, sealed
from tests.web.visitor import Visitor, words

__all__ = ["ana", "app", "desk"]


def paid(visitor: Visitor, desk: Desk, cents: int) -> Payment:
    """An invoice that its insured has paid on the pay page."""
    invoice = desk.invoice(cents)
    assert pay(visitor, "/pay", sealed(review(visitor, desk, "/pay", invoice))).status_code == 303
    with desk.till.reading() as session:
        return session.scalars(select(Payment).order_by(Payment.id.desc()).limit(1)).one()


def test_a_refund_and_a_dispute_are_in_the_payout_that_staff_see_matched(app: Flask, ana: Visitor, desk: Desk) -> None:
    accountant = staff_visitor(app, desk.agency, "accountant")
    refunded, disputed = paid(ana, desk, 400_00), paid(ana, desk, 300_00)
    paid(ana, desk, 500_00)
    give_back(accountant, refunded, part_1="100.00")
    dispute(desk, disputed)
    work_events(desk)
    assert "Disputed" in words(accountant.get(f"/admin/payments/{disputed.id}"))
    assert f"{disputed.reference} Disputed" in words(accountant.get(f"/admin/payments/{disputed.id}"))
    assert "Your card's bank took this payment back" in words(ana.get(f"/payments/{disputed.token}"))

    pay_out(desk)
    step_of = {"reconcile": "On its way", "arrive": "At the bank"}
    read_payouts(desk.till)
    for what, shown in step_of.items():
        step(desk, what)
        read_payouts(desk.till)
        assert shown in words(accountant.get("/admin/payouts/1"))
    with desk.till.reading() as session:
        payout = session.scalars(select(ProcessorPayout)).one()
        refund = session.scalars(select(Refund)).one()
        movements = session.execute(
            select(BalanceTransaction.kind, BalanceTransaction.state, func.sum(BalanceTransaction.net_cents))
            .where(BalanceTransaction.payout_id == payout.payout_id)
            .group_by(BalanceTransaction.kind, BalanceTransaction.state)
            .order_by(BalanceTransaction.kind)
        ).all()
        tasks = session.scalars(select(StaffTask.kind).where(StaffTask.closed_at.is_(None))).all()
        entries = session.scalar(select(func.count(JournalLine.id)).where(JournalLine.account == "suspense"))
    kept = 11_90 + 9_00 + 14_80  # 2.9 % and 30 cents of each payment
    assert payout.amount_cents == 1_200_00 - kept - 100_00 - 300_00 - 15_00
    assert {(kind, state) for kind, state, _ in movements} == {
        (kind, "posted") for kind in ("adjustment", "charge", "payout", "refund")
    }
    assert sum(net for *_, net in movements) == 0
    assert (tasks, entries) == (["dispute.opened"], 0)
    assert (payout.booked, balance(desk, "trust_bank")) == ("paid", payout.amount_cents)
    assert balance(desk, "processor_clearing") == processor_balance(desk) == 0
    page = words(accountant.get("/admin/payouts/1"))
    for payment in refunded, disputed:
        assert page.count(payment.reference) == 2, "the payment, and what of it went back"
    assert f"Refund {refunded.reference}" in page
    assert f"Dispute or correction {disputed.reference}" in page
    assert refund.transaction_id
    desk.assert_sound()
