"""The stand-in as a process of its own: what it knew before a kill it knows afterwards."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from stripe import InvalidRequestError, StripeClient

from portal.sandbox.stripe.server import serve_in_thread
from tests.sandbox.stripe.conftest import client_for
from tests.sandbox.stripe.paying import DAY, confirm, control, debit, intent, pay, token
from tests.sandbox.stripe.receiver import Receiver

ROOT = Path(__file__).parents[3]


@contextmanager
def process(db: Path, end: signal.Signals) -> Iterator[StripeClient]:
    """`python -m portal.sandbox.stripe` on a free port, ended by a signal."""
    command = [sys.executable, "-m", "portal.sandbox.stripe", "--port", "0", "--db", str(db)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as started:
        assert started.stdout is not None
        announced = re.search(r"http://\S+", started.stdout.readline())
        assert announced
        yield StripeClient("sk_test_sandbox_harbor", base_addresses={"api": announced[0]}, max_network_retries=0)
        started.send_signal(end)
        assert started.wait(20) == (0 if end == signal.SIGTERM else -end)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_state_survives(tmp_path: Path, receiver: Receiver, end: signal.Signals) -> None:
    db = tmp_path / "deep" / "stripe.sqlite"
    receiver.statuses = [500] * 3
    with process(db, end) as client:
        client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["payment_intent.succeeded"]})
        paid = pay(client)
        created, card = intent(client), token(client)
        confirm(client, created.id, card, key="cf:1:1")
        receiver.wait_for(2)
    with process(db, signal.SIGTERM) as client:
        assert client.v1.payment_intents.retrieve(paid.id).status == "succeeded"
        replayed = confirm(client, created.id, card, key="cf:1:1")
        assert replayed.last_response.headers["Idempotent-Replayed"] == "true"
        with pytest.raises(InvalidRequestError, match="already used"):
            confirm(client, intent(client).id, card)
        assert set(receiver.wait_for(4, seconds=20)) == {"payment_intent.succeeded"}


def test_what_is_to_happen_later_survives(tmp_path: Path) -> None:
    db = tmp_path / "stripe.sqlite"
    first = serve_in_thread(db)
    sent = debit(client_for(first))
    first.close()
    second = serve_in_thread(db)
    control(second, "clock", {"advance_seconds": 4 * DAY})
    assert client_for(second).v1.payment_intents.retrieve(sent.id).status == "succeeded"
    second.close()
