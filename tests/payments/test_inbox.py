"""Events: kept once, worked later, lost ones fetched."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from portal.core.tenancy import reading_global
from portal.payments.gateway import EventSeen, NewIntent
from portal.payments.inbox import UnknownIntent, handle, store, sweep
from portal.payments.models import GatewayEvent
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.payments.interruptions import Points, interrupted


def kept(desk: Desk) -> list[str]:
    with reading_global(desk.till.engine) as session:
        return list(session.scalars(select(GatewayEvent.kind).order_by(GatewayEvent.id)))


def test_an_event_is_kept_once(desk: Desk) -> None:
    event = EventSeen("evt_1", "payment_intent.succeeded", "pi_1", False, desk.clock())
    for is_new in (True, False):
        assert store(desk.till.engine, desk.till.account, event, desk.clock()) is is_new
    assert kept(desk) == ["payment_intent.succeeded"]


def test_an_event_says_again_what_is_known_and_changes_nothing(desk: Desk) -> None:
    invoice = desk.invoice()
    payment = submit(desk.till, desk.order(invoice))
    assert payment.intent_id is not None
    for _ in range(3):
        assert handle(desk.till, "payment_intent.succeeded", payment.intent_id) == "succeeded"
    assert desk.claims(invoice) == ["consumed"]
    desk.assert_sound()


def test_a_decline_that_is_just_being_shown_is_not_written_behind_the_payers_back(desk: Desk) -> None:
    """Else it would depend on who is faster whether a mail says once more what stands on the screen."""
    order = desk.order(desk.invoice(), card="pm_card_visa_chargeDeclined")
    with interrupted(desk.till, Points(loses={2: "answer lost"})) as till:
        payment = submit(till, order)
    assert payment.intent_id is not None
    assert handle(desk.till, "payment_intent.payment_failed", payment.intent_id) == "on the payer's screen"
    assert desk.payment(payment.id).state == "submitted"
    desk.clock.pass_(minutes=1)
    assert handle(desk.till, "payment_intent.payment_failed", payment.intent_id) == "failed"
    desk.assert_sound()


def test_an_unknown_intent_is_kept_for_later_and_other_news_is_ignored(desk: Desk) -> None:
    with pytest.raises(UnknownIntent):
        handle(desk.till, "payment_intent.succeeded", "pi_unknown")
    assert handle(desk.till, "charge.succeeded", "ch_1") == "ignored"


def test_the_same_event_from_many_sides_at_once_is_kept_once(desk: Desk) -> None:
    event = EventSeen("evt_1", "payment_intent.succeeded", "pi_1", False, desk.clock())
    with ThreadPoolExecutor(6) as threads:
        kept_now = list(
            threads.map(lambda _: store(desk.till.engine, desk.till.account, event, desk.clock()), range(6))
        )
    assert sorted(kept_now) == [False] * 5 + [True]
    assert kept(desk) == ["payment_intent.succeeded"]


def test_what_the_agency_sells_elsewhere_by_the_same_account_bothers_nobody(desk: Desk) -> None:
    intent = desk.processor.v1.payment_intents.create({"amount": 5_000, "currency": "usd"})
    assert handle(desk.till, "payment_intent.succeeded", intent.id) == "not ours"


def test_an_intent_of_ours_that_was_given_up_is_done_with_one_that_may_charge_is_not(desk: Desk) -> None:
    ours = {"agency_id": str(desk.till.agency_id), "payment_id": "77"}
    intent = desk.till.gateway.create_intent(NewIntent(5_000, "key", ("card",), "P-1", ours))
    with pytest.raises(UnknownIntent):
        handle(desk.till, "payment_intent.succeeded", intent.id)
    desk.till.gateway.cancel(intent.id)
    assert handle(desk.till, "payment_intent.canceled", intent.id) == "given up"


def test_a_sweep_fetches_what_no_webhook_brought_and_only_once(desk: Desk) -> None:
    submit(desk.till, desk.order(desk.invoice()))
    assert sweep(desk.till) > 0
    assert "payment_intent.succeeded" in kept(desk)
    assert sweep(desk.till) == 0
