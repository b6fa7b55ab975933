"""Whether events are sent here, by what is registered with the processor."""

import pytest

from portal.payments.webhook_check import NEEDED, EndpointSeen, WebhookFound, judge

HERE = "https://pay.example.com/oak/webhooks/processor"
ALL = frozenset({"*"})


@pytest.mark.parametrize(
    ("endpoints", "found"),
    [
        ([], WebhookFound("elsewhere")),
        ([EndpointSeen("https://else.example.com/hook", True, ALL)], WebhookFound("elsewhere")),
        ([EndpointSeen(HERE, False, ALL)], WebhookFound("off")),
        ([EndpointSeen(f"{HERE}/", True, ALL)], WebhookFound("right")),
        ([EndpointSeen(HERE, True, frozenset(NEEDED))], WebhookFound("right")),
        ([EndpointSeen(HERE, True, frozenset(NEEDED[1:]))], WebhookFound("incomplete", NEEDED[:1])),
        ([EndpointSeen(HERE, True, frozenset(NEEDED[1:])), EndpointSeen(HERE, False, ALL)],
         WebhookFound("incomplete", NEEDED[:1])),
        ([EndpointSeen(HERE, True, frozenset(NEEDED[1:])), EndpointSeen(HERE, True, frozenset(NEEDED[:1]))],
         WebhookFound("right")),
    ],
)  # fmt: skip
def test_the_best_endpoint_counts(endpoints: list[EndpointSeen], found: WebhookFound) -> None:
    assert judge(endpoints, {HERE}) == found
