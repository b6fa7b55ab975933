"""Whatever the processor answers, or fails to, is one of three kinds; an event needs no more than a name."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe
import urllib3

from portal.integrations.stripe.connections import connections_to
from portal.integrations.stripe.gateway import StripeGateway, event_seen
from portal.payments.gateway import KeysRefused, NewIntent, OutcomeUnknown, Refused

Scripted = Callable[[int, str], StripeGateway]
CALLS: dict[str, Callable[[StripeGateway], object]] = {
    "create": lambda gateway: gateway.create_intent(NewIntent(100, "key", ("card",), "P-1", {})),
    "confirm": lambda gateway: gateway.confirm("pi_1", "ctoken_1", "https://portal.example/back", "key"),
    "retrieve": lambda gateway: gateway.retrieve("pi_1"),
    "cancel": lambda gateway: gateway.cancel("pi_1"),
    "preview": lambda gateway: gateway.preview("ctoken_1"),
    "events": lambda gateway: list(gateway.events_since(event_seen(EVENT).created_at)),
}
EVENT = {
    "id": "evt_1",
    "type": "balance.available",
    "livemode": False,
    "created": 1,
    "data": {"object": {"object": "balance"}},
}


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A gateway whose processor gives one answer to every call."""
    answer: tuple[int, str] = (200, "")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer[0])
            self.end_headers()
            self.wfile.write(answer[1].encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def script(status: int, body: str) -> StripeGateway:
        nonlocal answer
        answer = (status, body)
        return StripeGateway("sk_test_scripted", f"http://127.0.0.1:{server.server_port}", 2)

    yield script
    server.shutdown()
    server.server_close()


def error(kind: str, code: str = "") -> str:
    return json.dumps({"error": {"type": kind, "code": code, "message": "as scripted"}})


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, error("invalid_request_error", "parameter_missing"), Refused),
        (402, error("card_error", "card_declined"), Refused),
        (404, error("invalid_request_error", "resource_missing"), Refused),
        (401, error("invalid_request_error"), KeysRefused),
        (403, error("invalid_request_error"), KeysRefused),
        (400, error("idempotency_error"), OutcomeUnknown),
        (409, error("invalid_request_error", "idempotency_key_in_use"), OutcomeUnknown),
        (429, error("invalid_request_error", "rate_limit"), OutcomeUnknown),
        (500, error("api_error"), OutcomeUnknown),
        (503, "<html>Service Unavailable</html>", OutcomeUnknown),
        (200, '{"id": "pi_1", "cut of', OutcomeUnknown),
        (302, "", OutcomeUnknown),
    ],
)
def test_every_answer_has_its_kind(
    scripted: Scripted, call: str, status: int, body: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        CALLS[call](scripted(status, body))


@pytest.mark.parametrize("call", CALLS)
def test_no_answer_is_no_failure(call: str) -> None:
    with pytest.raises(OutcomeUnknown):
        CALLS[call](StripeGateway("sk_test_nobody_there", "http://127.0.0.1:1", 2))


def test_an_event_about_something_without_an_id_is_read_all_the_same() -> None:
    """`balance.available` carries a balance, which has none: it must stop neither the webhook nor the sweep."""
    assert event_seen(EVENT).object_id == ""


def test_the_proxy_that_the_environment_names_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:a%40b@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    by_proxy = connections_to("https://api.stripe.com", 30)
    assert isinstance(by_proxy, urllib3.ProxyManager)
    assert str(by_proxy.proxy) == "http://me:a%40b@proxy.example:3128"
    assert by_proxy.proxy_headers == {"proxy-authorization": "Basic bWU6YUBi"}
    assert not isinstance(connections_to("http://127.0.0.1:4242", 30), urllib3.ProxyManager)


def test_certificates_are_those_that_stripe_ships() -> None:
    pool = connections_to("https://api.stripe.com", 30).connection_from_host("api.stripe.com", 443, "https")
    assert isinstance(pool, urllib3.HTTPSConnectionPool)
    assert (pool.cert_reqs, pool.ca_certs) == ("CERT_REQUIRED", stripe.ca_bundle_path)


def test_a_redirect_is_no_answer(scripted: Scripted) -> None:
    with pytest.raises(OutcomeUnknown):
        scripted(302, "{}").retrieve("pi_1")
