"""How the portal reaches Stripe, or in the demo the sandbox that speaks its wire."""

from portal.agencies.keys import ProcessorKeys
from portal.payments.gateway import EventSeen, Gateway, Processor

SCRIPT = "https://js.stripe.com/v3/"
SOURCES = ("https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com", "https://api.stripe.com")


def open_processor(sandbox_url: str, timeout_seconds: float, calls_per_second: float = 0) -> Processor:
    """Make the processor.

    Args:
        sandbox_url: address of the Stripe sandbox; empty for Stripe itself.
        timeout_seconds: longest wait for an answer.
        calls_per_second: of each endpoint of an account; 0 for as many as come.
    """

    def gateway(keys: ProcessorKeys) -> Gateway:
        # Stripe's package takes 0.6 s to import: only whoever moves money pays for it.
        from portal.integrations.stripe.gateway import StripeGateway

        return StripeGateway(keys.secret_key, sandbox_url, timeout_seconds, calls_per_second)

    def verify(body: bytes, signature: str, secrets: tuple[str, ...]) -> EventSeen | None:
        from portal.integrations.stripe.webhooks import verify

        return verify(body, signature, secrets)

    if sandbox_url:
        return Processor(gateway, verify, f"{sandbox_url}/v3/", (sandbox_url,))
    return Processor(gateway, verify, SCRIPT, SOURCES)
