"""Paying with a saved method, and saving what a payment pays with."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.payments.apply import apply
from portal.payments.claims import Order
from portal.payments.gateway import MethodPreview
from portal.payments.methods.customers import customer_of
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.paying import MethodGone, Use, keep_paid_with
from portal.payments.methods.saved import InUse, disable
from portal.payments.models import Payment
from portal.payments.submit import submit
from tests.factories.desk import AGREEMENT, Desk
from tests.payments.methods.keeping import ANA, BOB, at_processor, keep, remove_as, shown
from tests.payments.methods.test_adding import BANK, CHALLENGE
from tests.sandbox.stripe.paying import token


def saving(desk: Desk, card: str = "pm_card_visa") -> Order:
    """An order whose payer has ticked "Save it for next time"."""
    order = desk.order(desk.invoice(), card=card)
    kept = desk.till.gateway.preview(token(desk.processor, card, setup_future_usage="off_session"))
    assert kept.is_to_be_kept
    return replace(order, method=kept, use=Use(customer_of(desk.till, ANA)))


def with_saved(desk: Desk, method: PaymentMethod) -> Order:
    """An order to be paid with a saved method."""
    about = method.kind, method.brand, method.last4, method.funding
    preview = MethodPreview("", *about, desk.clock(), method.fingerprint)
    order = desk.order(desk.invoice())
    agreement = AGREEMENT if method.kind == "us_bank_account" else None
    return replace(order, method=preview, use=Use(method.customer_id, method.id), agreement=agreement)


def pay(desk: Desk, order: Order) -> Payment:
    return submit(desk.till, order)


@pytest.mark.parametrize(("card", "state"), [("pm_card_visa", "succeeded"), (BANK, "processing")])
def test_what_a_payment_pays_with_is_saved_and_pays_the_next(desk: Desk, card: str, state: str) -> None:
    first = pay(desk, saving(desk, card))
    assert first.state == state
    assert keep_paid_with(desk.till, first.id)
    assert keep_paid_with(desk.till, first.id)
    ((last4, kept, _),) = shown(desk)
    assert kept == "active"
    assert at_processor(desk) == [last4]
    with desk.till.reading() as session:
        method = session.scalars(select(PaymentMethod)).one()
    again = pay(desk, with_saved(desk, method))
    assert again.state == state
    assert (again.method_last4, again.confirmation_token) == (last4, None)
    assert again.method_ref == method.method_id
    desk.assert_sound()


def test_a_declined_payment_saves_nothing(desk: Desk) -> None:
    declined = pay(desk, saving(desk, "pm_card_visa_chargeDeclined"))
    assert declined.state == "failed"
    assert keep_paid_with(desk.till, declined.id)
    assert shown(desk) == []


def test_without_the_tick_nothing_is_saved(desk: Desk) -> None:
    paid = pay(desk, desk.order(desk.invoice()))
    assert keep_paid_with(desk.till, paid.id)
    assert shown(desk) == []


def test_the_banks_question_comes_first(desk: Desk) -> None:
    waiting = pay(desk, saving(desk, CHALLENGE))
    assert waiting.state == "action_required"
    assert not keep_paid_with(desk.till, waiting.id), "ask again later"
    desk.decide(waiting, "complete")
    assert apply(desk.till, waiting.id).state == "succeeded"
    assert keep_paid_with(desk.till, waiting.id)
    assert shown(desk) == [("3220", "active", True)]
    desk.assert_sound()


def test_nobody_pays_with_somebody_elses_method(desk: Desk) -> None:
    theirs = keep(desk, owner=BOB)
    order = with_saved(desk, theirs)
    with pytest.raises(MethodGone):
        pay(desk, order)
    with pytest.raises(MethodGone):
        pay(desk, replace(order, payer=replace(order.payer, kind="guest", email=BOB)))
    assert desk.charged_cents() == 0


def test_a_method_that_cannot_be_used_pays_nothing(desk: Desk) -> None:
    gone, back = keep(desk), keep(desk, BANK, BOB)
    order = with_saved(desk, gone)
    remove_as(desk, gone.id)
    with pytest.raises(MethodGone):
        pay(desk, order)
    with desk.till.writing() as session:
        disable(session, back.fingerprint, "R10", desk.clock())
    with pytest.raises(MethodGone):
        pay(desk, replace(with_saved(desk, back), payer=replace(order.payer, email=BOB)))
    assert desk.charged_cents() == 0


def test_a_method_is_not_removed_while_a_payment_still_needs_it(desk: Desk) -> None:
    method = keep(desk)
    desk.fault("payment_intents.confirm", "error_before")
    order = with_saved(desk, method)
    waiting = pay(desk, order)
    assert waiting.state == "submitted"
    with pytest.raises(InUse):
        remove_as(desk, method.id)
    assert len(shown(desk)) == 1


def test_what_the_processor_has_let_go_of_is_refused_and_nothing_is_charged(desk: Desk) -> None:
    method = keep(desk)
    desk.processor.v1.payment_methods.detach(method.method_id)
    refused = pay(desk, with_saved(desk, method))
    assert refused.state in {"failed", "canceled"}
    assert desk.charged_cents() == 0
    desk.assert_sound()
