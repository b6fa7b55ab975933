"""Events: kept once, worked later, lost ones fetched."""

import pytest
from sqlalchemy import select

from portal.core.tenancy import reading_global, writing_global
from portal.payments.gateway import EventSeen
from portal.payments.inbox import UnknownIntent, handle, store, sweep
from portal.payments.models import GatewayEvent
from portal.payments.submit import submit
from tests.factories.desk import Desk


def kept(desk: Desk) -> list[str]:
    with reading_global(desk.till.engine) as session:
        return list(session.scalars(select(GatewayEvent.kind).order_by(GatewayEvent.id)))


def test_an_event_is_kept_once(desk: Desk) -> None:
    event = EventSeen("evt_1", "payment_intent.succeeded", "pi_1", False, desk.clock())
    for is_new in (True, False):
        with writing_global(desk.till.engine) as session:
            assert store(session, desk.till.account, event, desk.clock()) is is_new
    assert kept(desk) == ["payment_intent.succeeded"]


def test_an_event_says_again_what_is_known_and_changes_nothing(desk: Desk) -> None:
    invoice = desk.invoice()
    payment = submit(desk.till, desk.order(invoice))
    assert payment.intent_id is not None
    for _ in range(3):
        assert handle(desk.till, "payment_intent.succeeded", payment.intent_id) == "succeeded"
    assert desk.claims(invoice) == ["consumed"]
    desk.assert_sound()


def test_an_unknown_intent_is_kept_for_later_and_other_news_is_ignored(desk: Desk) -> None:
    with pytest.raises(UnknownIntent):
        handle(desk.till, "payment_intent.succeeded", "pi_unknown")
    assert handle(desk.till, "charge.succeeded", "ch_1") == "ignored"


def test_a_sweep_fetches_what_no_webhook_brought_and_only_once(desk: Desk) -> None:
    submit(desk.till, desk.order(desk.invoice()))
    assert sweep(desk.till) > 0
    assert "payment_intent.succeeded" in kept(desk)
    assert sweep(desk.till) == 0
