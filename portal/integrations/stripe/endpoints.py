"""Which addresses one agency's Stripe account sends its events to."""

from collections.abc import Sequence

from stripe import StripeClient

from portal.integrations.stripe.asking import every, path
from portal.integrations.stripe.calls import call
from portal.payments.webhook_check import EndpointSeen


class StripeEndpoints:
    """See `payments/gateway.py` for what each method promises."""

    _client: StripeClient

    def endpoints(self) -> Sequence[EndpointSeen]:
        """Every webhook endpoint, page by page."""
        return call(
            lambda: [
                EndpointSeen(each["url"], each["status"] == "enabled", frozenset(each["enabled_events"]))
                for each in every(self._client, path("webhook_endpoints"), {})
            ]
        )
