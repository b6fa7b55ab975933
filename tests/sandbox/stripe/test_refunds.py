"""Refunds: all or part, never more than was charged; pending, done, failed after they seemed done."""

from typing import Any

import pytest
from stripe import APIError, InvalidRequestError, StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.paying import DAY, books, control, debit, event_types, intent, pay


def nets(sandbox: Running) -> list[int]:
    return [moved["net"] for moved in books(sandbox)["balance_transactions"]]


def test_a_part_then_the_rest_then_no_more(client: StripeClient, sandbox: Running) -> None:
    paid = pay(client, amount=10_000)
    part = client.v1.refunds.create(
        {
            "payment_intent": paid.id,
            "amount": 4_000,
            "reason": "requested_by_customer",
            "metadata": {"refund_id": "9"},
        }
    )
    assert (part.status, part.amount, part.charge) == ("succeeded", 4_000, paid.latest_charge)
    for wrong in (6_001, 0):
        with pytest.raises(InvalidRequestError) as refused:
            client.v1.refunds.create({"payment_intent": paid.id, "amount": wrong})
        assert refused.value.param == "amount"
    rest = client.v1.refunds.create({"charge": str(paid.latest_charge)})
    assert rest.amount == 6_000
    with pytest.raises(InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": paid.id})
    assert refused.value.code == "charge_already_refunded"
    charge = client.v1.charges.retrieve(str(paid.latest_charge))
    assert (charge.amount_refunded, charge.refunded) == (10_000, True)
    # The processor's fee of $3.20 is not given back.
    assert nets(sandbox) == [9_680, -4_000, -6_000]
    found = client.v1.refunds.list({"payment_intent": paid.id}).data
    assert [refund.id for refund in found] == [rest.id, part.id]
    assert part.metadata and part.metadata["refund_id"] == "9"
    moved = client.v1.balance_transactions.list({"source": part.id, "expand": ["data.source"]}).data[0]
    assert (moved.type, moved.amount, moved.source.id) == ("refund", -4_000, part.id)
    assert event_types(client)[3:5] == ["refund.created", "charge.refunded"]


@pytest.mark.parametrize("by", ["clock", "console"])
def test_a_pending_refund_settles(client: StripeClient, sandbox: Running, by: str) -> None:
    paid = pay(client, "pm_card_pendingRefund")
    made = client.v1.refunds.create({"payment_intent": paid.id})
    assert (made.status, made.pending_reason) == ("pending", "processing")
    if by == "clock":
        control(sandbox, "clock", {"advance_seconds": DAY})
    else:
        control(sandbox, f"refunds/{made.id}/succeed")
    assert client.v1.refunds.retrieve(made.id).status == "succeeded"
    assert "refund.updated" in event_types(client)


def test_a_refund_fails_after_it_seemed_done(client: StripeClient, sandbox: Running) -> None:
    paid = pay(client, "pm_card_refundFail", 10_000)
    made = client.v1.refunds.create({"payment_intent": paid.id})
    assert made.status == "succeeded"
    control(sandbox, "clock", {"advance_seconds": DAY})
    failed = client.v1.refunds.retrieve(made.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    moved: Any = failed.failure_balance_transaction
    assert (moved.type, moved.net) == ("refund_failure", 10_000)
    assert client.v1.charges.retrieve(str(paid.latest_charge)).amount_refunded == 0
    assert sum(nets(sandbox)) == 9_680
    assert event_types(client)[-3:] == ["refund.updated", "refund.failed", "charge.refund.updated"]


def test_a_pending_refund_is_called_back(client: StripeClient, sandbox: Running) -> None:
    paid = pay(client, "pm_card_pendingRefund", 10_000)
    made = client.v1.refunds.create({"payment_intent": paid.id})
    assert client.v1.refunds.cancel(made.id).status == "canceled"
    with pytest.raises(InvalidRequestError):
        client.v1.refunds.cancel(made.id)
    control(sandbox, "clock", {"advance_seconds": DAY})
    assert client.v1.refunds.retrieve(made.id).status == "canceled"
    assert sum(nets(sandbox)) == 9_680


def test_a_debit_is_refunded_over_days_and_not_before_it_settled(client: StripeClient, sandbox: Running) -> None:
    sent = debit(client)
    with pytest.raises(InvalidRequestError) as early:
        client.v1.refunds.create({"payment_intent": sent.id})
    assert early.value.code == "charge_not_refundable"
    control(sandbox, f"debits/{sent.id}/settle")
    made = client.v1.refunds.create({"payment_intent": sent.id})
    assert (made.status, made.id[:4]) == ("pending", "pyr_")
    control(sandbox, f"refunds/{made.id}/fail", {"reason": "declined"})
    assert client.v1.refunds.retrieve(made.id).status == "failed"


def test_after_a_return_there_is_nothing_to_refund(client: StripeClient, sandbox: Running) -> None:
    sent = debit(client)
    control(sandbox, f"debits/{sent.id}/settle")
    control(sandbox, f"debits/{sent.id}/return")
    with pytest.raises(InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": sent.id})
    assert refused.value.code == "charge_disputed"


def test_what_was_not_paid_is_not_refunded(client: StripeClient) -> None:
    with pytest.raises(InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent(client).id})
    with pytest.raises(InvalidRequestError):
        client.v1.refunds.create({"amount": 100})


def test_faults_apply_a_500_may_have_refunded(client: StripeClient, sandbox: Running) -> None:
    paid = pay(client)
    control(sandbox, "faults", {"endpoint": "refunds.create", "kind": "error_after"})
    with pytest.raises(APIError):
        client.v1.refunds.create({"payment_intent": paid.id, "metadata": {"refund_id": "9"}})
    (found,) = client.v1.refunds.list({"payment_intent": paid.id}).data
    assert found.metadata and found.metadata["refund_id"] == "9"
