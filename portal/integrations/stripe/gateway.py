"""The payments protocol's Gateway, on one agency's Stripe account."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import stripe
from stripe import StripeClient
from stripe.params import PaymentIntentConfirmParams, PaymentIntentCreateParams

from portal.integrations.stripe.asking import Found, every, get, path, post
from portal.integrations.stripe.calls import call
from portal.integrations.stripe.connections import RatedClient
from portal.integrations.stripe.endpoints import StripeEndpoints
from portal.integrations.stripe.methods import StripeMethods
from portal.integrations.stripe.money_back import StripeMoneyBack
from portal.integrations.stripe.payouts import StripePayouts
from portal.integrations.stripe.rate import Rate
from portal.payments.gateway import Acceptance, EventSeen, Intent, MethodPreview, NewIntent

CURRENCY = "usd"
BANK_DEBIT = "us_bank_account"
INTENTS = path("payment_intents")


@lru_cache(maxsize=256)
def client(secret_key: str, api_base: str, timeout_seconds: float, calls_per_second: float) -> StripeClient:
    """One client per account and process, with pooled connections. It never retries by itself: we decide what is safe.

    Args:
        secret_key: the agency's.
        api_base: empty for Stripe itself, or the sandbox's address.
        timeout_seconds: longest wait for an answer.
        calls_per_second: of each endpoint, by all threads together; 0 for as many as come.
    """
    return StripeClient(
        secret_key,
        base_addresses={"api": api_base} if api_base else None,
        max_network_retries=0,
        http_client=RatedClient(api_base or stripe.DEFAULT_API_BASE, Rate(calls_per_second), timeout_seconds),
    )


class StripeGateway(StripeEndpoints, StripeMethods, StripeMoneyBack, StripePayouts):
    """Calls Stripe for one agency; see `payments/gateway.py` for what each method promises."""

    def __init__(self, secret_key: str, api_base: str, timeout_seconds: float, calls_per_second: float = 0) -> None:
        self._client = client(secret_key, api_base, timeout_seconds, calls_per_second)

    def preview(self, confirmation_token: str) -> MethodPreview:
        """Read a confirmation token that the browser made."""
        token = call(lambda: get(self._client, path("confirmation_tokens", confirmation_token)))
        method: dict[str, Any] = token["payment_method_preview"]
        kind = method["type"]
        details = method.get(kind) or {}
        return MethodPreview(
            token=token["id"],
            kind=kind,
            brand=details.get("display_brand") or details.get("brand") or details.get("bank_name") or kind,
            last4=details.get("last4", ""),
            funding=details.get("funding") or "unknown",
            expires_at=datetime.fromtimestamp(token["expires_at"], UTC),
            fingerprint=details.get("fingerprint") or "",
            is_to_be_kept=token.get("setup_future_usage") is not None,
        )

    def create_intent(self, new: NewIntent) -> Intent:
        """Create an unconfirmed PaymentIntent."""
        asked: PaymentIntentCreateParams = {
            "amount": new.amount_cents,
            "currency": CURRENCY,
            "allowed_payment_method_types": list(new.method_kinds),
            "description": new.description,
            "metadata": dict(new.metadata),
        }
        if new.customer_id is not None:
            asked["customer"] = new.customer_id
        if new.saves:
            asked["setup_future_usage"] = "off_session"
        if BANK_DEBIT in new.method_kinds:
            # The payer shows at once that the account is theirs; small deposits, which take days, are for saving one.
            asked["payment_method_options"] = {"us_bank_account": {"verification_method": "instant"}}
        if new.method_id is not None:
            asked["payment_method"] = new.method_id
        return call(lambda: _intent(post(self._client, INTENTS, asked, new.key)))

    def confirm(
        self, intent_id: str, confirmation_token: str, return_url: str, key: str, acceptance: Acceptance | None = None
    ) -> Intent:
        """Confirm with the token. A decline (402) is read back: its error says why."""
        asked: PaymentIntentConfirmParams = {"confirmation_token": confirmation_token, "return_url": return_url}
        return call(lambda: self._confirm(intent_id, asked, key, acceptance))

    def confirm_saved(
        self, intent_id: str, method_id: str, return_url: str, key: str, acceptance: Acceptance | None = None
    ) -> Intent:
        """Confirm with a saved PaymentMethod; the bank's question is asked inside the page."""
        asked: PaymentIntentConfirmParams = {
            "payment_method": method_id,
            "return_url": return_url,
            "use_stripe_sdk": True,
        }
        return call(lambda: self._confirm(intent_id, asked, key, acceptance))

    def confirm_kept(self, intent_id: str, key: str) -> Intent:
        """Confirm with the intent's own method, nobody being there."""
        return call(lambda: self._confirm(intent_id, {"off_session": True}, key, None))

    def _confirm(
        self, intent_id: str, asked: PaymentIntentConfirmParams, key: str, acceptance: Acceptance | None
    ) -> Intent:
        if acceptance is not None:
            asked["mandate_data"] = {
                "customer_acceptance": {
                    "type": "online",
                    "accepted_at": int(acceptance.agreed_at.timestamp()),
                    "online": {"ip_address": acceptance.ip_address, "user_agent": acceptance.browser},
                }
            }
        try:
            return _intent(post(self._client, path("payment_intents", intent_id, "confirm"), asked, key))
        except stripe.CardError:
            return self._read(intent_id)

    def retrieve(self, intent_id: str) -> Intent:
        """The PaymentIntent as it is."""
        return call(lambda: self._read(intent_id))

    def cancel(self, intent_id: str) -> Intent:
        """Cancel it; one that is cancelled already is answered as it is, one that has succeeded is refused."""

        def cancel() -> Intent:
            try:
                return _intent(post(self._client, path("payment_intents", intent_id, "cancel")))
            except stripe.InvalidRequestError:
                current = self._read(intent_id)
                if current.status == "canceled":
                    return current
                raise

        return call(cancel)

    def intents_since(self, moment: datetime) -> Iterable[Intent]:
        """All PaymentIntents created since a moment, page by page."""

        asked = {"created": {"gte": int(moment.timestamp())}}
        return call(lambda: [_intent(each) for each in every(self._client, INTENTS, asked)])

    def events_since(self, moment: datetime) -> Iterable[EventSeen]:
        """All events since a moment, page by page."""

        asked = {"created": {"gte": int(moment.timestamp())}}
        return call(lambda: [event_seen(each) for each in every(self._client, path("events"), asked)])

    def _read(self, intent_id: str) -> Intent:
        return _intent(get(self._client, path("payment_intents", intent_id)))


def _intent(found: Found) -> Intent:
    error = found.get("last_payment_error") or {}
    charge = found.get("latest_charge")
    refused = error.get("payment_method") or {}
    by_bank = error.get("network_decline_code") if refused.get("type") == BANK_DEBIT else None
    return Intent(
        id=found["id"],
        status=found["status"],
        amount_received_cents=found.get("amount_received") or 0,
        error_code=by_bank or error.get("decline_code") or error.get("code"),
        client_secret=found["client_secret"],
        next_action=(found.get("next_action") or {}).get("type"),
        charge_id=charge["id"] if isinstance(charge, dict) else charge,
        metadata=found.get("metadata") or {},
        method_kinds=tuple(found["payment_method_types"]),
        method_id=found.get("payment_method") or refused.get("id"),
    )


def event_seen(found: Found) -> EventSeen:
    """The ids of an event; nothing else in it is used. Some are about something that has none, like a balance."""
    return EventSeen(
        id=found["id"],
        kind=found["type"],
        object_id=found["data"]["object"].get("id") or "",
        is_live=found["livemode"],
        created_at=datetime.fromtimestamp(found["created"], UTC),
    )
