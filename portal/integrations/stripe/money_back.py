"""Refunds and disputes at one agency's Stripe account."""

from collections.abc import Iterable
from datetime import UTC, datetime

from stripe import StripeClient
from stripe.params import RefundCreateParams

from portal.integrations.stripe.asking import Found, every, get, path, post
from portal.integrations.stripe.calls import call
from portal.payments.money_back.gateway import DisputeSeen, Movement, NewRefund, RefundSeen

MOVED = ("balance_transaction", "failure_balance_transaction")
EACH = [f"data.{name}" for name in MOVED]
REFUNDS = path("refunds")


class StripeMoneyBack:
    """See `payments/money_back/gateway.py` for what each method promises."""

    _client: StripeClient

    def create_refund(self, new: NewRefund) -> RefundSeen:
        """Refund an intent's charge."""
        asked: RefundCreateParams = {
            "payment_intent": new.intent_id,
            "amount": new.amount_cents,
            "metadata": dict(new.metadata),
            "expand": list(MOVED),
        }
        return call(lambda: _refund(post(self._client, REFUNDS, asked, new.key)))

    def retrieve_refund(self, refund_id: str) -> RefundSeen:
        """One refund."""
        return call(lambda: _refund(get(self._client, path("refunds", refund_id), {"expand": list(MOVED)})))

    def refunds_of(self, intent_id: str) -> Iterable[RefundSeen]:
        """The refunds of an intent, page by page."""

        asked = {"payment_intent": intent_id, "expand": EACH}
        return call(lambda: [_refund(each) for each in every(self._client, REFUNDS, asked)])

    def refunds_since(self, moment: datetime) -> Iterable[RefundSeen]:
        """The account's refunds since a moment, page by page."""

        asked = {"created": {"gte": int(moment.timestamp())}, "expand": EACH}
        return call(lambda: [_refund(each) for each in every(self._client, REFUNDS, asked)])

    def retrieve_dispute(self, dispute_id: str) -> DisputeSeen:
        """One dispute; its balance transactions come with it."""
        return call(lambda: _dispute(get(self._client, path("disputes", dispute_id))))

    def disputes_since(self, moment: datetime) -> Iterable[DisputeSeen]:
        """The account's disputes since a moment, page by page."""

        asked = {"created": {"gte": int(moment.timestamp())}}
        return call(lambda: [_dispute(each) for each in every(self._client, path("disputes"), asked)])


def _refund(found: Found) -> RefundSeen:
    return RefundSeen(
        id=found["id"],
        status=found["status"],
        amount_cents=found["amount"],
        intent_id=found.get("payment_intent") or "",
        failure_code=found.get("failure_reason"),
        metadata=found.get("metadata") or {},
        moved=_movement(found.get("balance_transaction")),
        moved_back=_movement(found.get("failure_balance_transaction")),
    )


def _dispute(found: Found) -> DisputeSeen:
    details = found.get("payment_method_details") or {}
    evidence = found.get("evidence_details") or {}
    due_by = evidence.get("due_by")
    return DisputeSeen(
        id=found["id"],
        status=found["status"],
        reason=found["reason"],
        network_code=found.get("network_reason_code") or "",
        intent_id=found.get("payment_intent") or "",
        amount_cents=found["amount"],
        is_bank=details.get("type") == "us_bank_account",
        due_at=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        opened_at=datetime.fromtimestamp(found["created"], UTC),
        movements=tuple(filter(None, map(_movement, found.get("balance_transactions") or ()))),
    )


def _movement(found: Found | None) -> Movement | None:
    return Movement(found["id"], found["amount"], found.get("fee") or 0) if found else None
