"""Saved methods on one agency's Stripe account: Customers, SetupIntents, PaymentMethods."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import stripe
from stripe import StripeClient

from portal.integrations.stripe.calls import call
from portal.payments.methods.gateway import MethodSeen, NewSetup, SetupSeen

WITH_METHOD = ["payment_method"]


class StripeMethods:
    """The part of the gateway that keeps methods; see `payments/methods/gateway.py` for what each method promises."""

    _client: StripeClient

    def create_customer(self, email: str, metadata: Mapping[str, str], key: str) -> str:
        """A new Customer; its id."""
        return call(
            lambda: (
                self._client.v1.customers.create(
                    {"email": email, "metadata": dict(metadata)}, {"idempotency_key": key}
                ).id
            )
        )

    def create_setup(self, new: NewSetup) -> SetupSeen:
        """Create an unconfirmed SetupIntent. Where a bank cannot be asked at once, it sends two small deposits."""
        return call(
            lambda: _setup(
                self._client.v1.setup_intents.create(
                    {
                        "customer": new.customer_id,
                        "allowed_payment_method_types": list(new.method_kinds),
                        "usage": "off_session",
                        "metadata": dict(new.metadata),
                    },
                    {"idempotency_key": new.key},
                )
            )
        )

    def confirm_setup(self, setup_id: str, confirmation_token: str, return_url: str, key: str) -> SetupSeen:
        """Confirm with the token. A refusal (402) is read back: its error says why."""

        def confirm() -> SetupSeen:
            try:
                return _setup(
                    self._client.v1.setup_intents.confirm(
                        setup_id,
                        {"confirmation_token": confirmation_token, "return_url": return_url, "expand": WITH_METHOD},
                        {"idempotency_key": key},
                    )
                )
            except stripe.CardError:
                return self._read_setup(setup_id)

        return call(confirm)

    def retrieve_setup(self, setup_id: str) -> SetupSeen:
        """The SetupIntent as it is."""
        return call(lambda: self._read_setup(setup_id))

    def cancel_setup(self, setup_id: str) -> SetupSeen:
        """Cancel it; one that is cancelled already is answered as it is, one that has succeeded is refused."""

        def cancel() -> SetupSeen:
            try:
                return _setup(self._client.v1.setup_intents.cancel(setup_id))
            except stripe.InvalidRequestError:
                current = self._read_setup(setup_id)
                if current.status == "canceled":
                    return current
                raise

        return call(cancel)

    def verify_deposits(self, setup_id: str, amounts: Sequence[int], code: str, key: str) -> SetupSeen:
        """Say what the deposits were. Stripe counts wrong tries, and refuses the account after ten."""
        said: Any = {"amounts": list(amounts)} if amounts else {"descriptor_code": code}
        said["expand"] = WITH_METHOD
        return call(
            lambda: _setup(self._client.v1.setup_intents.verify_microdeposits(setup_id, said, {"idempotency_key": key}))
        )

    def retrieve_method(self, method_id: str) -> MethodSeen:
        """The PaymentMethod as it is."""
        return call(lambda: self._read_method(method_id))

    def detach(self, method_id: str) -> None:
        """Detach it; one that belongs to nobody is left as it is."""

        def detach() -> None:
            try:
                self._client.v1.payment_methods.detach(method_id)
            except stripe.InvalidRequestError:
                if self._read_method(method_id).customer_id is not None:
                    raise

        call(detach)

    def _read_setup(self, setup_id: str) -> SetupSeen:
        return _setup(self._client.v1.setup_intents.retrieve(setup_id, {"expand": WITH_METHOD}))

    def _read_method(self, method_id: str) -> MethodSeen:
        return method_seen(self._client.v1.payment_methods.retrieve(method_id).to_dict())


def method_seen(found: Mapping[str, Any]) -> MethodSeen:
    """A PaymentMethod in our terms."""
    kind = found["type"]
    details = found.get(kind) or {}
    return MethodSeen(
        id=found["id"],
        kind=kind,
        brand=details.get("display_brand") or details.get("brand") or details.get("bank_name") or kind,
        last4=details.get("last4") or "",
        funding=details.get("funding") or "unknown",
        bank_name=details.get("bank_name") or "",
        exp_month=details.get("exp_month"),
        exp_year=details.get("exp_year"),
        fingerprint=details.get("fingerprint") or "",
        customer_id=found.get("customer"),
    )


def _setup(raw: stripe.SetupIntent) -> SetupSeen:
    found = raw.to_dict()
    error = found.get("last_setup_error") or {}
    action = found.get("next_action") or {}
    deposits = action.get("verify_with_microdeposits") or {}
    method = found.get("payment_method")
    return SetupSeen(
        id=found["id"],
        status=found["status"],
        error_code=error.get("decline_code") or error.get("code"),
        next_action=action.get("type"),
        client_secret=found["client_secret"],
        method=method_seen(method) if isinstance(method, dict) else None,
        deposit_type=deposits.get("microdeposit_type"),
        deposits_on=datetime.fromtimestamp(deposits["arrival_date"], UTC) if deposits else None,
    )
