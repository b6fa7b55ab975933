"""Calls keep to the account's rate, whoever makes them: evenly, each endpoint for itself."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from portal.integrations.stripe.gateway import StripeGateway
from portal.integrations.stripe.rate import Rate, endpoint_of
from portal.sandbox.stripe.server import Running


class Time:
    """A clock that runs only while somebody waits."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def test_twenty_a_second_are_spaced_evenly() -> None:
    clock = Time()
    rate = Rate(20, clock.now, clock.sleep)
    moments = []
    for _ in range(61):
        rate.wait("POST /v1/refunds")
        moments.append(round(clock.at - 100, 6))
    assert moments == [round(number * 0.05, 6) for number in range(61)]


def test_each_endpoint_for_itself_and_no_wait_after_a_pause() -> None:
    clock = Time()
    rate = Rate(20, clock.now, clock.sleep)
    for endpoint in ("a", "b", "c"):
        rate.wait(endpoint)
    assert clock.at == 100
    clock.at += 60
    rate.wait("a")
    assert clock.at == 160, "what was not used is not saved up either"
    rate.wait("a")
    assert round(clock.at, 6) == 160.05


def test_without_a_rate_nothing_waits() -> None:
    clock = Time()
    rate = Rate(0, clock.now, clock.sleep)
    for _ in range(1000):
        rate.wait("a")
    assert clock.at == 100


def test_ids_do_not_make_endpoints() -> None:
    confirm = "https://api.stripe.com/v1/payment_intents/pi_3ABC/confirm"
    assert endpoint_of("post", confirm) == "POST /v1/payment_intents/*/confirm"
    assert endpoint_of("get", "http://127.0.0.1:1/v1/charges?limit=100") == "GET /v1/charges"
    assert endpoint_of("get", "http://127.0.0.1:1/v1/payment_methods/pm_1") != endpoint_of("get", confirm)


def test_all_threads_of_a_client_share_it(stripe_sandbox: Running) -> None:
    gateway = StripeGateway("sk_test_sandbox_rated", stripe_sandbox.url, 5, calls_per_second=20)
    since = datetime.now(UTC)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda _: list(gateway.payouts_since(since)), range(25))) == [[]] * 25
    assert time.monotonic() - began >= 24 / 20
