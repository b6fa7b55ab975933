"""Stripe's webhooks: verified over the raw body with every active secret; only ids are taken from them."""

import json

import stripe

from portal.integrations.stripe.gateway import event_seen
from portal.payments.gateway import EventSeen


def verify(body: bytes, signature: str, secrets: tuple[str, ...]) -> EventSeen | None:
    """The event that a webhook announces, or None when no active secret has signed it."""
    if not any(_is_signed(body, signature, secret) for secret in secrets):
        return None
    return event_seen(json.loads(body))


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE)
    except stripe.SignatureVerificationError:
        return False
    return True
