"""The processor's books, read at one agency's Stripe account."""

from collections.abc import Iterable
from datetime import UTC, datetime

from stripe import StripeClient

from portal.integrations.stripe.asking import Found, every, get, path
from portal.integrations.stripe.calls import call
from portal.payments.processor_books import BalanceSeen, ChargeSeen, PayoutSeen

MOVEMENTS = path("balance_transactions")


class StripePayouts:
    """See `payments/processor_books.py` for what each method promises."""

    _client: StripeClient

    def balance_since(self, moment: datetime) -> Iterable[BalanceSeen]:
        """Movements of the balance since a moment, page by page."""

        return call(lambda: [_balance(each) for each in every(self._client, MOVEMENTS, _since(moment))])

    def balance_of_payout(self, payout_id: str) -> Iterable[BalanceSeen]:
        """What a payout pays out, page by page."""

        return call(lambda: [_balance(each) for each in every(self._client, MOVEMENTS, {"payout": payout_id})])

    def payouts_since(self, moment: datetime) -> Iterable[PayoutSeen]:
        """Payouts made since a moment, page by page."""

        return call(lambda: [_payout(each) for each in every(self._client, path("payouts"), _since(moment))])

    def payout(self, payout_id: str) -> PayoutSeen:
        """One payout."""
        return call(lambda: _payout(get(self._client, path("payouts", payout_id))))

    def charges_since(self, moment: datetime) -> Iterable[ChargeSeen]:
        """Charges that succeeded, page by page."""

        def read() -> list[ChargeSeen]:
            charges = every(self._client, path("charges"), _since(moment))
            return [_charge(each) for each in charges if each["status"] == "succeeded"]

        return call(read)


def _since(moment: datetime) -> Found:
    return {"created": {"gte": int(moment.timestamp())}}


def _balance(found: Found) -> BalanceSeen:
    return BalanceSeen(
        id=found["id"],
        kind=found["type"],
        source_id=found.get("source") or "",
        amount_cents=found["amount"],
        fee_cents=found["fee"],
        created_at=datetime.fromtimestamp(found["created"], UTC),
    )


def _payout(found: Found) -> PayoutSeen:
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


def _charge(found: Found) -> ChargeSeen:
    return ChargeSeen(
        id=found["id"],
        intent_id=found.get("payment_intent") or "",
        amount_cents=found["amount_captured"],
        created_at=datetime.fromtimestamp(found["created"], UTC),
        metadata=found.get("metadata") or {},
    )
