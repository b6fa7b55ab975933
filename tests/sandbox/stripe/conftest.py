"""A stand-in on a free port, and the official SDK talking to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stripe import HTTPClient, RequestsClient, StripeClient

from portal.sandbox.stripe.server import Running, serve_in_thread
from tests.sandbox.stripe.receiver import Receiver


def client_for(running: Running, account: str = "harbor", timeout_seconds: float = 10) -> StripeClient:
    """The SDK with an account's secret key, as the portal sets it up: never retrying by itself."""
    http: HTTPClient = RequestsClient(timeout=timeout_seconds)
    return StripeClient(
        f"sk_test_sandbox_{account}",
        base_addresses={"api": running.url},
        max_network_retries=0,
        http_client=http,
    )


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Running]:
    running = serve_in_thread(tmp_path / "stripe.sqlite")
    yield running
    running.close()


@pytest.fixture
def client(sandbox: Running) -> StripeClient:
    return client_for(sandbox)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    listening = Receiver()
    yield listening
    listening.close()
