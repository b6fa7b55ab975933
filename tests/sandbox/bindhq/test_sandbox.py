"""The stand-in: what happens to policies, money, the feed and webhooks; what survives a restart; its pages."""

import http.server
import json
import threading
from contextlib import closing, contextmanager

import pytest
import requests

from portal.sandbox.bindhq.machine import API_KEY
from portal.sandbox.bindhq.server import serve_in_thread


class Desk:
    """A stand-in as a person or a test uses it."""

    def __init__(self, running):
        self.url = running.url

    def do(self, path, **fields):
        answer = requests.post(f"{self.url}/sandbox/{path}", json=fields, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def get(self, path, **query):
        return requests.get(
            f"{self.url}/api/v2/{path}", params=query, headers={"X-Api-Key": API_KEY}, timeout=10
        ).json()

    def books(self):
        return requests.get(f"{self.url}/sandbox/books", timeout=10).json()

    def feed(self):
        return [(each["type"], each["object"]["id"]) for each in self.books()["events"]]


@pytest.fixture
def desk(tmp_path):
    with closing(serve_in_thread(tmp_path / "bindhq.db")) as running:
        yield Desk(running)


def test_a_policy_s_life(desk):
    policy = desk.do("policies", agency_id="513", billing_type="agency_bill", tax=59413, fee=25000)
    endorsement = desk.do(f"policies/{policy['id']}/endorse", premium=150000)
    desk.do(f"endorsements/{endorsement['id']}/void")
    desk.do(f"policies/{policy['id']}/change", insured={"email": None})
    desk.do(f"policies/{policy['id']}/cancel")
    desk.do(f"policies/{policy['id']}/reinstate")
    desk.do(f"policies/{policy['id']}/void", reason="duplicate")
    back, again = [each["id"] for each in desk.books()["endorsement"]][2:]
    one = policy["id"]
    assert desk.feed() == [
        ("policy.bound", one),
        ("endorsement.issued", endorsement["id"]),
        ("endorsement.voided", endorsement["id"]),
        ("policy.updated", one),
        ("endorsement.issued", back),
        ("policy.cancelled", one),
        ("endorsement.issued", again),
        ("policy.reinstated", one),
        ("policy.voided", one),
    ]
    now = desk.get(f"policies/{one}")
    assert (now["status"], now["version"], now["insured"]["email"], now["void_reason"]) == (
        "voided",
        5,
        None,
        "duplicate",
    )
    billed = desk.books()["invoice"]
    assert [(each["net_total_due"], each["status"]) for each in billed] == [("11644.13", "void"), ("1350.00", "void")]
    assert {each["customer"]["id"] for each in billed} == {"513"}
    refused = requests.post(f"{desk.url}/sandbox/policies/{one}/void", json={}, timeout=10)
    assert refused.status_code == 409


def test_an_agency_is_edited_made_and_put_away(desk):
    desk.do("agencies/512/change", name="Hill Country Insurance", phone=None)
    desk.do("agencies/512/change", active=False)
    desk.do("agencies/900/change", name="New Agency")
    assert desk.feed() == [("agency.updated", "512"), ("agency.inactivated", "512"), ("agency.created", "900")]
    policy = desk.do("policies")
    assert desk.get(f"policies/{policy['id']}")["agency"]["name"] == "Hill Country Insurance"


def test_the_feed_repeats_itself_and_loses_its_order_when_told_to(desk):
    first = desk.do("policies")["id"]
    desk.do("faults", endpoint="policy.bound", kind="event_twice")
    second = desk.do("policies")["id"]
    desk.do("faults", endpoint="policy.bound", kind="event_reordered")
    third, fourth = desk.do("policies")["id"], desk.do("policies")["id"]
    desk.do("faults", endpoint="policy.*", kind="event_old")
    fifth = desk.do("policies")["id"]
    assert [about for _, about in desk.feed()] == [first, second, second, fourth, third, first, fifth]


def test_what_happened_survives_a_restart(tmp_path):
    with closing(serve_in_thread(tmp_path / "bindhq.db")) as running:
        desk = Desk(running)
        policy = desk.do("policies")
        desk.do("faults", endpoint="ping", kind="error_before", count="always")
        before = desk.books()
    with closing(serve_in_thread(tmp_path / "bindhq.db")) as running:
        desk = Desk(running)
        assert desk.books() == before
        assert desk.get("ping")["errors"][0]["code"] == "server_error"
        assert desk.do("policies")["id"] == str(int(policy["id"]) + 1)


@contextmanager
def receiver(statuses):
    """Answers webhooks with these statuses in turn, and keeps them."""
    taken = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.headers, json.loads(body)))
            self.send_response(statuses[min(len(taken), len(statuses)) - 1])
            self.end_headers()

        def log_message(self, *_args):
            """Quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/webhooks/bindhq/1", taken
        server.shutdown()


def test_events_are_announced_and_signed(desk, wait_for):
    with receiver([202, 500]) as (url, taken):
        desk.do("settings", webhook_url=url, webhook_secret="shh")
        desk.do("policies")
        desk.do("faults", endpoint="*", kind="webhook_lost")
        desk.do("policies")
        desk.do("policies")
        wait_for(lambda: len(taken) == 2)
        wait_for(lambda: desk.books()["deliveries"][2]["attempts"] == 1)
    headers, event = taken[0]
    assert headers["X-BindHQ-Signature"].startswith("t=") and ",v1=" in headers["X-BindHQ-Signature"]
    assert (headers["X-BindHQ-Client-Code"], headers["X-BindHQ-Event-Id"]) == ("mymga", event["id"])
    sent = desk.books()["deliveries"]
    assert [each["state"] for each in sent] == ["delivered", "lost", "due"]
    assert sent[2]["last_status"] == "500"


@pytest.fixture
def wait_for():
    def wait(reached):
        done = threading.Event()
        for _ in range(500):
            if reached():
                return
            done.wait(0.02)
        raise AssertionError("it did not come")

    return wait


def test_a_person_binds_and_corrects_by_forms(desk):
    home = requests.get(desk.url, timeout=10)
    assert "None is bound yet." in home.text and "default-src 'none'" in home.headers["Content-Security-Policy"]
    form = {
        "insured.name": "Alpine Tools",
        "premium": "1,000.50",
        "tax": "",
        "billing_type": "agency_bill",
        "agency_id": "512",
    }
    after = requests.post(f"{desk.url}/sandbox/policies", data=form, timeout=10)
    assert "Alpine Tools" in after.text and "1,000.50" in after.text and "900.45 open" in after.text
    [policy] = desk.books()["policy"]
    page = f"{desk.url}/policies/{policy['id']}"
    change = f"{desk.url}/sandbox/policies/{policy['id']}/change"
    after = requests.post(
        change, data={"insured.email": "office@alpine.example", "back": f"/policies/{policy['id']}"}, timeout=10
    )
    assert after.url == page
    assert 'value="office@alpine.example"' in after.text
    requests.post(
        f"{desk.url}/sandbox/faults", data={"endpoint": "policies.get", "kind": "rate_limit", "count": "2"}, timeout=10
    )
    assert "rate limit at policies.get, 2 ×" in requests.get(desk.url, params={"part": "live"}, timeout=10).text
    requests.post(f"{desk.url}/sandbox/faults/clear", data={}, timeout=10)
    assert "Faults are on" not in requests.get(desk.url, timeout=10).text
    elsewhere = requests.post(change, data={}, headers={"Sec-Fetch-Site": "cross-site"}, timeout=10)
    assert elsewhere.status_code == 403
