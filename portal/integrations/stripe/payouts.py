"""The processor's books, read at one agency's Stripe account."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from stripe import StripeClient

from portal.integrations.stripe.calls import call
from portal.payments.processor_books import BalanceSeen, ChargeSeen, PayoutSeen

PAGE = 100


class StripePayouts:
    """See `payments/processor_books.py` for what each method promises."""

    _client: StripeClient

    def balance_since(self, moment: datetime) -> Iterable[BalanceSeen]:
        """Movements of the balance since a moment, page by page."""

        def read() -> list[BalanceSeen]:
            since = int(moment.timestamp())
            page = self._client.v1.balance_transactions.list({"created": {"gte": since}, "limit": PAGE})
            return [_balance(each.to_dict()) for each in page.auto_paging_iter()]

        return call(read)

    def balance_of_payout(self, payout_id: str) -> Iterable[BalanceSeen]:
        """What a payout pays out, page by page."""

        def read() -> list[BalanceSeen]:
            page = self._client.v1.balance_transactions.list({"payout": payout_id, "limit": PAGE})
            return [_balance(each.to_dict()) for each in page.auto_paging_iter()]

        return call(read)

    def payouts_since(self, moment: datetime) -> Iterable[PayoutSeen]:
        """Payouts made since a moment, page by page."""

        def read() -> list[PayoutSeen]:
            page = self._client.v1.payouts.list({"created": {"gte": int(moment.timestamp())}, "limit": PAGE})
            return [_payout(each.to_dict()) for each in page.auto_paging_iter()]

        return call(read)

    def payout(self, payout_id: str) -> PayoutSeen:
        """One payout."""
        return call(lambda: _payout(self._client.v1.payouts.retrieve(payout_id).to_dict()))

    def charges_since(self, moment: datetime) -> Iterable[ChargeSeen]:
        """Charges that succeeded, page by page."""

        def read() -> list[ChargeSeen]:
            page = self._client.v1.charges.list({"created": {"gte": int(moment.timestamp())}, "limit": PAGE})
            charges = (each.to_dict() for each in page.auto_paging_iter())
            return [_charge(each) for each in charges if each["status"] == "succeeded"]

        return call(read)


def _balance(found: dict[str, Any]) -> BalanceSeen:
    return BalanceSeen(
        id=found["id"],
        kind=found["type"],
        source_id=found.get("source") or "",
        amount_cents=found["amount"],
        fee_cents=found["fee"],
        created_at=datetime.fromtimestamp(found["created"], UTC),
    )


def _payout(found: dict[str, Any]) -> PayoutSeen:
    return PayoutSeen(
        id=found["id"],
        status=found["status"],
        amount_cents=found["amount"],
        is_automatic=found["automatic"],
        is_instant=found["method"] == "instant",
        is_reconciled=found["reconciliation_status"] == "completed",
        created_at=datetime.fromtimestamp(found["created"], UTC),
        arrives_on=datetime.fromtimestamp(found["arrival_date"], UTC).date(),
        trace=(found.get("trace_id") or {}).get("value") or "",
        failure=found.get("failure_code") or "",
    )


def _charge(found: dict[str, Any]) -> ChargeSeen:
    return ChargeSeen(
        id=found["id"],
        intent_id=found.get("payment_intent") or "",
        amount_cents=found["amount_captured"],
        created_at=datetime.fromtimestamp(found["created"], UTC),
        metadata=found.get("metadata") or {},
    )
