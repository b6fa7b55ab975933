"""Balance and payouts: what is available when, what a payout pays out, and that one can still fail."""

import pytest
from stripe import InvalidRequestError, Payout, StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.paying import DAY, books, control, debit, event_types, pay


def advance(sandbox: Running, seconds: int) -> None:
    control(sandbox, "clock", {"advance_seconds": seconds})


def latest(client: StripeClient) -> Payout:
    return client.v1.payouts.list({"limit": 1}).data[0]


def pay_out(client: StripeClient, sandbox: Running) -> Payout:
    """A payout of what was available two days after the last payment."""
    advance(sandbox, 2 * DAY)
    return client.v1.payouts.retrieve(control(sandbox, "payouts", {"account": "harbor"})["id"])


def test_the_balance_becomes_available(client: StripeClient, sandbox: Running) -> None:
    pay(client, amount=10_000)
    before = client.v1.balance.retrieve()
    assert (before.available[0].amount, before.pending[0].amount) == (0, 9_680)
    assert client.v1.balance_transactions.list().data[0].status == "pending"
    advance(sandbox, 2 * DAY)
    assert client.v1.balance_transactions.list().data[0].status == "available"


def test_what_is_ripe_is_paid_out_while_the_clock_stands(client: StripeClient, sandbox: Running) -> None:
    pay(client, amount=10_000)
    payout = control(sandbox, "payouts", {"account": "harbor", "ripe": True})
    assert payout["amount"] == 9_680
    assert client.v1.balance.retrieve().pending[0].amount == 0


def test_each_midnight_what_is_available_is_paid_out(client: StripeClient, sandbox: Running) -> None:
    for amount in (10_000, 20_000):
        pay(client, amount=amount)
    refunded = pay(client, amount=5_000)
    client.v1.refunds.create({"payment_intent": refunded.id, "amount": 1_000})
    advance(sandbox, 3 * DAY)
    payouts = client.v1.payouts.list().data[::-1]
    assert sum(payout.amount for payout in payouts) == books(sandbox)["paid_out_cents"]
    assert books(sandbox)["balance_cents"] == 0
    total = 0
    for payout in payouts:
        assert payout.automatic
        assert payout.created % DAY == 0
        advance(sandbox, 6 * 3600)
        assert client.v1.payouts.retrieve(payout.id).reconciliation_status == "completed"
        moved = list(client.v1.balance_transactions.list({"payout": payout.id, "limit": 2}).auto_paging_iter())
        assert sum(each.net for each in moved if each.type != "payout") == payout.amount
        assert [each.net for each in moved if each.type == "payout"] == [-payout.amount]
        total += payout.amount
    # 100 + 200 + 50 less the refund of 10, less fees of 3.20, 6.10 and 1.75.
    assert total == 34_000 - 320 - 610 - 175
    advance(sandbox, 2 * DAY)
    assert latest(client).status == "paid"


def test_while_it_is_matched_the_list_is_not_complete(client: StripeClient, sandbox: Running) -> None:
    pay(client, amount=10_000)
    payout = pay_out(client, sandbox)
    assert payout.reconciliation_status == "in_progress"
    listed = client.v1.balance_transactions.list({"payout": payout.id}).data
    assert [each.type for each in listed] == ["payout"]
    control(sandbox, f"payouts/{payout.id}/reconcile")
    listed = client.v1.balance_transactions.list({"payout": payout.id}).data
    assert [each.type for each in listed] == ["payout", "charge"]
    assert [each.type for each in client.v1.balance_transactions.list({"payout": payout.id, "type": "charge"})] == [
        "charge"
    ]
    assert event_types(client)[-2:] == ["payout.created", "payout.reconciliation_completed"]


def test_a_paid_payout_can_still_fail_and_goes_out_again(client: StripeClient, sandbox: Running) -> None:
    pay(client, amount=10_000)
    payout = pay_out(client, sandbox)
    control(sandbox, f"payouts/{payout.id}/arrive")
    assert client.v1.payouts.retrieve(payout.id).status == "paid"
    control(sandbox, f"payouts/{payout.id}/fail", {"code": "account_closed"})
    failed = client.v1.payouts.retrieve(payout.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_code) == ("failed", "account_closed")
    moved = client.v1.balance_transactions.list({"type": "payout_failure"}).data
    assert [(each.net, each.reporting_category) for each in moved] == [(9_680, "payout_reversal")]
    assert books(sandbox)["balance_cents"] == 9_680
    advance(sandbox, DAY)
    again = latest(client)
    assert (again.amount, again.id != payout.id) == (9_680, True)


def test_a_payout_by_hand_is_marked_so(client: StripeClient, sandbox: Running) -> None:
    pay(client, amount=10_000)
    with pytest.raises(InvalidRequestError) as early:
        client.v1.payouts.create({"amount": 1_000, "currency": "usd"})
    assert early.value.code == "balance_insufficient"
    advance(sandbox, 2 * DAY)
    made = client.v1.payouts.create({"amount": 1_000, "currency": "usd"})
    assert (made.automatic, made.reconciliation_status, made.status) == (False, "not_applicable", "pending")
    with pytest.raises(InvalidRequestError, match="only be filtered on automatic"):
        client.v1.balance_transactions.list({"payout": made.id})
    advance(sandbox, DAY)
    assert latest(client).amount == 8_680, "the rest goes by itself"


def test_a_debit_on_its_way_is_not_paid_out(client: StripeClient, sandbox: Running) -> None:
    debit(client, "pm_usBankAccount_processing")
    advance(sandbox, 30 * DAY)
    assert client.v1.payouts.list().data == []


def test_a_fee_of_its_own(client: StripeClient, sandbox: Running) -> None:
    control(sandbox, "fees", {"account": "harbor", "amount_cents": 250, "description": "Disputes tool"})
    (moved,) = client.v1.balance_transactions.list({"type": "stripe_fee"}).data
    assert (moved.net, moved.reporting_category, moved.source) == (-250, "fee", None)
    assert client.v1.payouts.list({"arrival_date": {"gte": 1}}).data == []
