"""An agency's Stripe account as whoever sets the portal up needs it: whose key it is, and where its events go."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.integrations.stripe.asking import every, get, path, post
from portal.integrations.stripe.calls import call
from portal.integrations.stripe.gateway import client

WANTED_EVENTS = (
    *(
        f"payment_intent.{what}"
        for what in ("succeeded", "payment_failed", "processing", "requires_action", "canceled")
    ),
    *(f"setup_intent.{what}" for what in ("succeeded", "setup_failed", "requires_action", "canceled")),
    *(f"payment_method.{what}" for what in ("automatically_updated", "detached", "updated")),
    *(f"refund.{what}" for what in ("created", "updated", "failed")),
    *(f"charge.dispute.{what}" for what in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")),
    *(f"payout.{what}" for what in ("created", "updated", "paid", "failed", "canceled")),
)
"""What `payments/inbox.py` works; the nightly sweep reads the rest of the log."""
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that Stripe sends events to.

    Args:
        is_on: Stripe sends; it switches an address off that fails for days.
        missing: events that we need and that are not sent.
    """

    is_on: bool
    missing: tuple[str, ...]


class StripeSetup:
    """Asks Stripe by a secret key.

    Args:
        secret_key: of the account.
        api_base: empty for Stripe itself, or the sandbox's address.
        timeout_seconds: longest wait for an answer.
    """

    def __init__(self, secret_key: str, api_base: str, timeout_seconds: float) -> None:
        self._client = client(secret_key, api_base, timeout_seconds, 0)

    def account(self) -> str:
        """The id of the account that the key opens.

        Raises:
            GatewayError: KeysRefused when the key does not work.
        """
        return call(lambda: str(get(self._client, path("account"))["id"]))

    def webhook(self, url: str) -> Webhook | None:
        """How Stripe sends events to an address, or None: it does not.

        Raises:
            GatewayError: the key may not read this, or there was no answer.
        """
        found = call(lambda: list(every(self._client, path("webhook_endpoints"), {})))
        ours = [_webhook(each) for each in found if each["url"] == url]
        return min(ours, key=lambda each: (not each.is_on, len(each.missing)), default=None)

    def open_webhook(self, url: str) -> str:
        """Have Stripe send its events to an address.

        Returns:
            The secret that signs them; Stripe shows it this once.

        Raises:
            GatewayError: the key may not do this, Stripe does not take the address, or there was no answer.
        """
        asked = {"url": url, "enabled_events": list(WANTED_EVENTS), "description": "Payment portal"}
        return call(lambda: str(post(self._client, path("webhook_endpoints"), asked)["secret"]))


def _webhook(found: Mapping[str, object]) -> Webhook:
    sent = found["enabled_events"]
    assert isinstance(sent, list)
    missing = () if EVERYTHING in sent else tuple(kind for kind in WANTED_EVENTS if kind not in sent)
    return Webhook(found["status"] == "enabled", missing)
