"""The list of events, for a sweep that trusts no webhook."""

import pytest
from stripe import InvalidRequestError, StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.paying import control, intent, pay


def test_pages_reach_every_event_once(client: StripeClient) -> None:
    for _ in range(5):
        pay(client)
    events = list(client.v1.events.list({"limit": 4}).auto_paging_iter())
    assert len(events) == 15
    assert len({event.id for event in events}) == 15
    newer = client.v1.events.list({"ending_before": events[3].id, "limit": 2})
    assert [event.id for event in newer.data] == [events[1].id, events[2].id]
    assert newer.has_more


def test_filters_by_time_and_type(client: StripeClient, sandbox: Running) -> None:
    pay(client)
    since = control(sandbox, "clock", {"advance_seconds": 3600})["now"]
    later = pay(client)
    recent = client.v1.events.list({"created": {"gte": since}}).data
    assert len(recent) == 3
    assert recent[0].data.object["id"] == later.id
    assert len(client.v1.events.list({"created": {"lt": since}}).data) == 3
    assert len(client.v1.events.list({"type": "payment_intent.*"}).data) == 4
    assert len(client.v1.events.list({"types": ["charge.succeeded", "payment_intent.created"]}).data) == 4


def test_an_event_is_a_snapshot(client: StripeClient) -> None:
    created = intent(client)
    client.v1.payment_intents.cancel(created.id)
    event = client.v1.events.list({"type": "payment_intent.created"}).data[0]
    assert event.data.object["status"] == "requires_payment_method"
    assert client.v1.events.retrieve(event.id).id == event.id


@pytest.mark.parametrize("limit", [0, 101])
def test_pages_hold_one_to_a_hundred(client: StripeClient, limit: int) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        client.v1.events.list({"limit": limit})
    assert refused.value.param == "limit"
