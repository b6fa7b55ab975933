"""Disputes and inquiries: what is withdrawn, what comes back, and how often."""

import pytest
from stripe import Dispute, InvalidRequestError, StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.paying import DAY, books, control, event_types, pay


def only_dispute(client: StripeClient, intent_id: str) -> Dispute:
    (found,) = client.v1.disputes.list({"payment_intent": intent_id}).data
    return found


def nets(sandbox: Running) -> list[int]:
    return [moved["net"] for moved in books(sandbox)["balance_transactions"]]


def test_a_dispute_withdraws_amount_and_fee(client: StripeClient, sandbox: Running) -> None:
    paid = pay(client, "pm_card_createDispute", 10_000)
    assert paid.status == "succeeded"
    dispute = only_dispute(client, paid.id)
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 10_000)
    assert nets(sandbox) == [9_680, -11_500]
    (moved,) = client.v1.balance_transactions.list({"type": "adjustment"}).data
    assert (moved.fee_details[0].description, moved.source) == ("Dispute fee", dispute.id)
    assert event_types(client)[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    with pytest.raises(InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": paid.id})
    assert refused.value.code == "charge_disputed"


@pytest.mark.parametrize(
    ("text", "status", "balance_cents"), [("winning_evidence", "won", 8_180), ("losing_evidence", "lost", -1_820)]
)
def test_evidence_decides(client: StripeClient, sandbox: Running, text: str, status: str, balance_cents: int) -> None:
    dispute = only_dispute(client, pay(client, "pm_card_createDispute", 10_000).id)
    kept = client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": text}, "submit": False})
    assert kept.status == "needs_response"
    after = client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": text}})
    assert (after.status, sum(nets(sandbox))) == (status, balance_cents)
    assert event_types(client)[-1] == "charge.dispute.closed"
    assert ("charge.dispute.funds_reinstated" in event_types(client)) == (status == "won")
    with pytest.raises(InvalidRequestError, match="already closed"):
        client.v1.disputes.close(dispute.id)


def test_an_inquiry_withdraws_nothing_until_it_escalates(client: StripeClient, sandbox: Running) -> None:
    paid = pay(client, "pm_card_createDisputeInquiry", 10_000)
    dispute = only_dispute(client, paid.id)
    assert (dispute.status, dispute.is_charge_refundable) == ("warning_needs_response", True)
    assert dispute.balance_transactions == []
    control(sandbox, f"disputes/{dispute.id}/escalate")
    assert client.v1.disputes.retrieve(dispute.id).status == "needs_response"
    assert nets(sandbox) == [9_680, -11_500]


def test_an_unanswered_inquiry_closes_and_a_dispute_is_lost(client: StripeClient, sandbox: Running) -> None:
    asked = only_dispute(client, pay(client, "pm_card_createDisputeInquiry").id)
    taken = only_dispute(client, pay(client, "pm_card_createDispute").id)
    control(sandbox, "clock", {"advance_seconds": 9 * DAY})
    assert client.v1.disputes.retrieve(asked.id).status == "warning_closed"
    assert client.v1.disputes.retrieve(taken.id).status == "lost"


def test_one_dispute_withdraws_reinstates_and_withdraws_again(client: StripeClient, sandbox: Running) -> None:
    paid = pay(client, amount=10_000)
    control(sandbox, f"charges/{paid.latest_charge}/dispute", {"reason": "product_not_received"})
    dispute = only_dispute(client, paid.id)
    for outcome in ("won", "reopen", "lost"):
        control(sandbox, f"disputes/{dispute.id}/{outcome}")
    moved = client.v1.disputes.retrieve(dispute.id).balance_transactions
    assert [each.amount for each in moved] == [-10_000, 10_000, -10_000]
    assert [each.reporting_category for each in moved] == ["dispute", "dispute_reversal", "dispute"]
    with pytest.raises(OSError, match="409"):
        control(sandbox, f"charges/{paid.latest_charge}/dispute")


def test_accepting_loses(client: StripeClient) -> None:
    dispute = only_dispute(client, pay(client, "pm_card_createDispute").id)
    assert client.v1.disputes.close(dispute.id).status == "lost"
