"""Webhooks wake the poller only when BindHQ signed them, for this client, just now."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from portal.integrations.bindhq.announcing import announced
from portal.policy_system.protocol import Malformed, NotTheirs
from portal.sandbox.bindhq.delivery import signature

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVENT = {
    "id": "evt_1",
    "type": "policy.bound",
    "occurred_at": "2026-11-21T11:59:58Z",
    "client_code": "mymga",
    "object": {"type": "policy", "id": "10442"},
}


def read(body=None, *, secret="one", at=NOW, client="mymga", secrets=("one",), header=None):
    raw = json.dumps(EVENT).encode() if body is None else body
    signed = signature(raw, secret, int(at.timestamp())) if header is None else header
    headers = {"X-BindHQ-Signature": signed, "X-BindHQ-Client-Code": client}
    return announced(raw, headers, secrets, "mymga", NOW)


def test_a_signed_one_is_read():
    event = read()
    assert (event.id, event.kind, event.object_kind, event.object_id) == ("evt_1", "policy.bound", "policy", "10442")


def test_while_the_secret_changes_either_signs():
    assert read(secret="old", secrets=("new", "old")).id == "evt_1"
    raw = json.dumps(EVENT).encode()
    both = signature(raw, "unknown", int(NOW.timestamp())) + "," + signature(raw, "one", 0).partition(",")[2]
    with pytest.raises(NotTheirs):
        read(header=both)
    right = signature(raw, "one", int(NOW.timestamp())).partition(",")[2]
    assert read(header=f"{signature(raw, 'unknown', int(NOW.timestamp()))},{right}").id == "evt_1"


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "two"},
        {"secrets": ()},
        {"at": NOW - timedelta(seconds=301)},
        {"at": NOW + timedelta(seconds=301)},
        {"client": "another"},
        {"header": ""},
        {"header": "t=now,v1=00"},
        {"header": "v1=é"},
        {"header": f"t={'9' * 5_000},v1=00"},
        {"body": json.dumps({**EVENT, "client_code": "another"}).encode()},
    ],
)
def test_others_are_not_theirs(how):
    with pytest.raises(NotTheirs):
        read(**how)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", json.dumps({**EVENT, "object": None}).encode()])
def test_a_signed_one_that_cannot_be_read_is_malformed(body):
    with pytest.raises(Malformed):
        read(body)
