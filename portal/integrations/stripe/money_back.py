"""Refunds and disputes at one agency's Stripe account."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import stripe
from stripe import StripeClient

from portal.integrations.stripe.calls import call
from portal.payments.money_back.gateway import DisputeSeen, Movement, NewRefund, RefundSeen

MOVED = ("balance_transaction", "failure_balance_transaction")
PAGE = 100


class StripeMoneyBack:
    """See `payments/money_back/gateway.py` for what each method promises."""

    _client: StripeClient

    def create_refund(self, new: NewRefund) -> RefundSeen:
        """Refund an intent's charge."""

        def create() -> RefundSeen:
            made = self._client.v1.refunds.create(
                {
                    "payment_intent": new.intent_id,
                    "amount": new.amount_cents,
                    "metadata": dict(new.metadata),
                    "expand": list(MOVED),
                },
                {"idempotency_key": new.key},
            )
            return _refund(made)

        return call(create)

    def retrieve_refund(self, refund_id: str) -> RefundSeen:
        """One refund."""
        return call(lambda: _refund(self._client.v1.refunds.retrieve(refund_id, {"expand": list(MOVED)})))

    def refunds_of(self, intent_id: str) -> Iterable[RefundSeen]:
        """The refunds of an intent, page by page."""

        def read() -> list[RefundSeen]:
            page = self._client.v1.refunds.list({"payment_intent": intent_id, "limit": PAGE, "expand": _each()})
            return [_refund(each) for each in page.auto_paging_iter()]

        return call(read)

    def refunds_since(self, moment: datetime) -> Iterable[RefundSeen]:
        """The account's refunds since a moment, page by page."""

        def read() -> list[RefundSeen]:
            since = int(moment.timestamp())
            page = self._client.v1.refunds.list({"created": {"gte": since}, "limit": PAGE, "expand": _each()})
            return [_refund(each) for each in page.auto_paging_iter()]

        return call(read)

    def retrieve_dispute(self, dispute_id: str) -> DisputeSeen:
        """One dispute; its balance transactions come with it."""
        return call(lambda: _dispute(self._client.v1.disputes.retrieve(dispute_id)))

    def disputes_since(self, moment: datetime) -> Iterable[DisputeSeen]:
        """The account's disputes since a moment, page by page."""

        def read() -> list[DisputeSeen]:
            page = self._client.v1.disputes.list({"created": {"gte": int(moment.timestamp())}, "limit": PAGE})
            return [_dispute(each) for each in page.auto_paging_iter()]

        return call(read)


def _each() -> list[str]:
    return [f"data.{name}" for name in MOVED]


def _refund(raw: stripe.Refund) -> RefundSeen:
    found = raw.to_dict()
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


def _dispute(raw: stripe.Dispute) -> DisputeSeen:
    found = raw.to_dict()
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


def _movement(found: dict[str, Any] | None) -> Movement | None:
    return Movement(found["id"], found["amount"], found.get("fee") or 0) if found else None
