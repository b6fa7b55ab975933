"""Whether the processor sends its events here: judged by what is registered with it. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

NEEDED = (
    "payment_intent.processing",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "setup_intent.succeeded",
    "setup_intent.setup_failed",
    "payment_method.automatically_updated",
    "payment_method.detached",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "payout.paid",
    "payout.failed",
)
"""What the inbox works; without one of these something is known only when the reconciler asks."""

WebhookState = Literal["right", "elsewhere", "off", "incomplete"]


@dataclass(frozen=True, slots=True)
class EndpointSeen:
    """An address registered with the processor.

    Args:
        events: which it is sent; "*" is all.
    """

    url: str
    is_on: bool
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class WebhookFound:
    """What was found.

    Args:
        missing: events that are needed and not sent.
    """

    state: WebhookState
    missing: tuple[str, ...] = ()


def judge(endpoints: Iterable[EndpointSeen], addresses: Collection[str]) -> WebhookFound:
    """Look for the best of the endpoints that lead here.

    Args:
        addresses: every address of the agency's webhook: of the shared host, and of each host of its own.
    """
    here = [endpoint for endpoint in endpoints if endpoint.url.rstrip("/") in addresses]
    if not here:
        return WebhookFound("elsewhere")
    on = [endpoint for endpoint in here if endpoint.is_on]
    if not on:
        return WebhookFound("off")
    sent = frozenset[str]().union(*(endpoint.events for endpoint in on))
    missing = () if "*" in sent else tuple(event for event in NEEDED if event not in sent)
    return WebhookFound("incomplete" if missing else "right", missing)
