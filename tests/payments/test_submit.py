"""Charging in two phases, against the sandbox over HTTP: what the payer gets, and what the books say."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from portal.agencies.models import ProcessorAccount
from portal.core.db import make_engine
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import UnitOpen
from portal.invoices.issue import void_invoice
from portal.invoices.models import Invoice
from portal.payments.apply import apply
from portal.payments.claims import AlreadyUnderWay, ReviewChanged
from portal.payments.gateway import Acceptance, Intent
from portal.payments.inbox import handle
from portal.payments.reconcile import due, reconcile
from portal.payments.submit import submit
from portal.sandbox.stripe.server import Running
from tests.factories.desk import Desk, open_desk
from tests.payments.interruptions import Interrupted, Points, interrupted


@dataclass(frozen=True)
class ShortChanged(Interrupted):
    """A processor that says it has received $500.00, whatever it was asked for."""

    def confirm(
        self, intent_id: str, confirmation_token: str, return_url: str, key: str, acceptance: Acceptance | None = None
    ) -> Intent:
        intent = self.inner.confirm(intent_id, confirmation_token, return_url, key, acceptance)
        return replace(intent, amount_received_cents=50_000)


@pytest.fixture
def hasty(engine: Engine, stripe_sandbox: Running) -> Desk:
    """A desk that does not wait long for the processor."""
    return open_desk(engine, stripe_sandbox, timeout_seconds=2)


def queued(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        return sorted(session.scalars(select(OutboxRow.kind)))


def tasks(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        return sorted(session.scalars(select(StaffTask.kind)))


def test_a_card_that_works_pays_the_invoice(desk: Desk) -> None:
    invoice = desk.invoice(41_250)
    payment = submit(desk.till, desk.order(invoice))
    assert payment.state == "succeeded"
    assert desk.invoice_state(invoice) == ("paid", 0)
    assert desk.claims(invoice) == ["consumed"]
    assert desk.charged_cents() == 41_250
    assert queued(desk) == ["mail.paid_by_third_party", "mail.payment_receipt"]
    desk.assert_sound()


def test_several_invoices_are_one_charge(desk: Desk) -> None:
    first, second = desk.invoice(10_000), desk.invoice(20_000)
    payment = submit(desk.till, desk.order(first, second))
    assert (payment.state, payment.charged_cents) == ("succeeded", 30_000)
    assert desk.invoice_state(first) == desk.invoice_state(second) == ("paid", 0)
    desk.assert_sound()


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
    ],
)
def test_a_decline_charges_nothing_and_leaves_the_invoice_to_pay(desk: Desk, card: str, code: str) -> None:
    invoice = desk.invoice()
    payment = submit(desk.till, desk.order(invoice, card=card))
    assert (payment.state, payment.decline_code) == ("failed", code)
    assert desk.invoice_state(invoice) == ("open", 41_250)
    assert desk.claims(invoice) == ["released"]
    assert payment.intent_id is not None
    assert desk.till.gateway.retrieve(payment.intent_id).status == "canceled"
    assert queued(desk) == []  # the payer saw it
    assert submit(desk.till, desk.order(invoice)).state == "succeeded"
    desk.assert_sound()


def test_the_bank_confirms(desk: Desk) -> None:
    invoice = desk.invoice()
    payment = submit(desk.till, desk.order(invoice, card="pm_card_threeDSecure2Required"))
    assert payment.state == "action_required"
    assert desk.invoice_state(invoice) == ("open", 41_250)
    desk.decide(payment, "complete")
    assert payment.intent_id is not None
    assert handle(desk.till, "payment_intent.succeeded", payment.intent_id) == "succeeded"
    assert desk.invoice_state(invoice) == ("paid", 0)
    desk.assert_sound()


def test_the_bank_refuses_and_the_payer_hears_of_it_by_mail(desk: Desk) -> None:
    invoice = desk.invoice()
    payment = submit(desk.till, desk.order(invoice, card="pm_card_threeDSecure2Required"))
    desk.decide(payment, "fail")
    assert payment.intent_id is not None
    assert handle(desk.till, "payment_intent.payment_failed", payment.intent_id) == "failed"
    assert desk.claims(invoice) == ["released"]
    assert queued(desk) == ["mail.payment_failed"]
    desk.assert_sound()


def test_news_that_the_bank_asks_is_never_the_news_that_it_refused(desk: Desk) -> None:
    """Worked after the refusal, it would mail what the payer's page is about to show."""
    payment = submit(desk.till, desk.order(desk.invoice(), card="pm_card_threeDSecure2Required"))
    desk.decide(payment, "fail")
    assert payment.intent_id is not None
    assert handle(desk.till, "payment_intent.requires_action", payment.intent_id) == "on the payer's screen"
    assert apply(desk.till, payment.id, is_watched=True).state == "failed"
    assert queued(desk) == []
    desk.assert_sound()


def test_a_payer_who_walks_away_from_the_bank_frees_the_invoice_after_half_an_hour(desk: Desk) -> None:
    invoice = desk.invoice()
    payment = submit(desk.till, desk.order(invoice, card="pm_card_threeDSecure2Required"))
    with desk.till.reading() as session:
        assert due(session, desk.clock()) == []
    desk.clock.pass_(minutes=31)
    with desk.till.reading() as session:
        assert due(session, desk.clock()) == [payment.id]
    assert reconcile(desk.till, payment.id).state == "canceled"
    assert desk.claims(invoice) == ["released"]
    desk.assert_sound()


def test_a_second_press_returns_the_first_payment(desk: Desk) -> None:
    invoice = desk.invoice()
    order = desk.order(invoice, request_key="one review")
    first = submit(desk.till, order)
    assert submit(desk.till, order).id == first.id
    assert desk.charged_cents() == 41_250
    desk.assert_sound()


def test_two_presses_at_the_same_moment_charge_once(desk: Desk) -> None:
    invoice = desk.invoice()
    order = desk.order(invoice, request_key="one review")
    with ThreadPoolExecutor(6) as threads:
        payments = list(threads.map(lambda _: submit(desk.till, order), range(6)))
    assert len({payment.id for payment in payments}) == 1
    assert desk.charged_cents() == 41_250
    desk.assert_sound()


def test_two_payers_at_once_one_pays_the_other_is_told(desk: Desk) -> None:
    invoice = desk.invoice()
    orders = [desk.order(invoice), desk.order(invoice)]

    def pay(order: object) -> str:
        try:
            return submit(desk.till, order).state  # type: ignore[arg-type]
        except (AlreadyUnderWay, ReviewChanged) as error:
            return type(error).__name__

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(pay, orders))
    assert answers[1] == "succeeded"
    assert answers[0] in {"AlreadyUnderWay", "ReviewChanged"}
    assert desk.charged_cents() == 41_250
    desk.assert_sound()


def test_an_amount_that_changed_since_the_review_is_not_charged(desk: Desk) -> None:
    invoice = desk.invoice()
    order = desk.order(invoice)
    with desk.till.writing() as session:
        row = session.scalars(select(Invoice).where(Invoice.id == invoice)).one()
        row.state = "void"
    with pytest.raises(ReviewChanged):
        submit(desk.till, order)
    assert desk.claims(invoice) == []
    assert desk.charged_cents() == 0


def test_an_answer_that_never_comes_is_no_failure(desk: Desk) -> None:
    """The processor charges, its answer is lost: the payment waits, the claim holds, the event brings the success."""
    invoice = desk.invoice()
    order = desk.order(invoice)
    desk.fault("payment_intents.confirm", "error_after")
    payment = submit(desk.till, order)
    assert payment.state == "submitted"
    assert desk.claims(invoice) == ["live"]
    with pytest.raises(AlreadyUnderWay):
        submit(desk.till, desk.order(invoice))
    desk.clock.pass_(minutes=3)
    assert reconcile(desk.till, payment.id).state == "succeeded"
    assert desk.charged_cents() == 41_250
    desk.assert_sound()


def test_a_confirm_that_never_arrived_is_given_up_without_a_charge(hasty: Desk) -> None:
    invoice = hasty.invoice()
    order = hasty.order(invoice)
    hasty.fault("payment_intents.confirm", "timeout_before", seconds=3)
    payment = submit(hasty.till, order)
    assert payment.state == "submitted"
    hasty.clock.pass_(minutes=3)
    assert reconcile(hasty.till, payment.id).state == "canceled"
    assert hasty.claims(invoice) == ["released"]
    assert hasty.charged_cents() == 0
    hasty.assert_sound()


@pytest.mark.parametrize("kind", ["rate_limit", "lock_timeout", "error_before", "timeout_after"])
def test_an_intent_that_could_not_be_made_charges_nothing_and_can_be_tried_again(hasty: Desk, kind: str) -> None:
    invoice = hasty.invoice()
    order = hasty.order(invoice)
    hasty.fault("payment_intents.create", kind, **({"seconds": 3} if kind == "timeout_after" else {}))
    assert submit(hasty.till, order).state == "canceled"
    assert hasty.claims(invoice) == ["released"]
    assert submit(hasty.till, hasty.order(invoice)).state == "succeeded"
    assert hasty.charged_cents() == 41_250
    hasty.assert_sound()


def test_keys_that_are_refused_pause_the_account_and_call_staff(desk: Desk) -> None:
    invoice = desk.invoice()
    order = desk.order(invoice)
    desk.fault("payment_intents.create", "unauthorized")
    assert submit(desk.till, order).state == "canceled"
    assert tasks(desk) == ["processor.keys_refused"]
    with desk.till.reading() as session:
        assert session.scalars(select(ProcessorAccount.paused_at)).one() is not None
    desk.assert_sound()


def test_a_spent_token_charges_nothing(desk: Desk) -> None:
    first, second = desk.invoice(), desk.invoice()
    used = desk.order(first)
    submit(desk.till, used)
    again = desk.order(second)
    stale = type(again)(**{name: getattr(again, name) for name in again.__slots__} | {"method": used.method})
    assert submit(desk.till, stale).state == "canceled"
    assert desk.invoice_state(second) == ("open", 41_250)
    assert tasks(desk) == ["payment.confirm_refused"]
    desk.assert_sound()


def test_a_success_on_a_payment_that_was_closed_becomes_credit_and_a_task(desk: Desk) -> None:
    invoice = desk.invoice()
    order = desk.order(invoice)
    desk.fault("payment_intents.confirm", "error_after")
    payment = submit(desk.till, order)
    desk.close_by_mistake(payment)
    assert payment.intent_id is not None
    assert handle(desk.till, "payment_intent.succeeded", payment.intent_id) == "succeeded"
    assert desk.invoice_state(invoice) == ("open", 41_250)
    assert tasks(desk) == ["payment.refund_due"]
    desk.assert_sound()


def test_two_deployments_on_one_account_do_not_take_each_others_answers(
    desk: Desk, sqlite_template: Path, tmp_path: Path
) -> None:
    """A backup that was restored, or a copy to try things with: its payments begin at the same number again."""
    assert submit(desk.till, desk.order(desk.invoice())).state == "succeeded"
    shutil.copy(sqlite_template, tmp_path / "copy.db")
    copy = open_desk(make_engine(f"sqlite:///{tmp_path / 'copy.db'}"), desk.sandbox, desk.till.account)
    assert submit(copy.till, copy.order(copy.invoice(50_000))).state == "succeeded"
    copy.till.engine.dispose()


def test_less_than_was_charged_pays_no_more_than_came_in(desk: Desk) -> None:
    """It cannot happen as long as the processor keeps its word; if it does, nobody's books are made up."""
    first, second = desk.invoice(), desk.invoice()
    gateway = ShortChanged(desk.till.gateway, Points())
    payment = submit(replace(desk.till, gateway=gateway), desk.order(first, second))
    assert payment.state == "succeeded"
    assert desk.invoice_state(first) == ("paid", 0)
    assert desk.invoice_state(second) == ("open", 41_250 - 8_750)
    assert tasks(desk) == ["payment.amount_differs"]
    [broken] = desk.broken_rules()
    assert broken.startswith("a payment that succeeded is in the books with what was charged")


def test_a_success_for_an_invoice_that_was_voided_meanwhile_becomes_credit(desk: Desk) -> None:
    first, second = desk.invoice(), desk.invoice()
    order = desk.order(first, second)
    with interrupted(desk.till, Points(loses={2: "answer lost"})) as till:
        payment = submit(till, order)
    with desk.till.writing() as session:
        void_invoice(session, session.get_one(Invoice, first), desk.till.today(), desk.clock())
    assert payment.intent_id is not None
    assert handle(desk.till, "payment_intent.succeeded", payment.intent_id) == "succeeded"
    assert desk.invoice_state(first) == ("void", 0)
    assert desk.invoice_state(second) == ("paid", 0)
    assert (desk.claims(first), desk.claims(second)) == (["released"], ["consumed"])
    assert tasks(desk) == ["payment.refund_due"]
    desk.assert_sound()


def test_the_till_refuses_to_talk_with_a_transaction_open(desk: Desk) -> None:
    with desk.till.reading(), pytest.raises(UnitOpen):
        desk.till.gateway.retrieve("pi_1")
