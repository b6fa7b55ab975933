"""Several processes pay the same invoices at once: as many charges as invoices, and whoever comes second is told so.

Four processes at forty invoices in each test run; `make faults` lets eight be at three hundred.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from portal.payments.models import Payment
from portal.payments.reconcile import reconcile
from tests.factories.desk import Desk
from tests.payments.test_bulk import keep
from tests.sandbox.stripe.paying import control, token

FULL = bool(os.environ.get("PORTAL_FULL_FAULTS"))
PROCESSES, INVOICES = (8, 300) if FULL else (4, 40)
CENTS = 41_250
TOLD = {"AlreadyUnderWay", "ReviewChanged", "held", "changed"}


def start(desk: Desk, url: str, go: Path, number: int, invoices: list[int]) -> subprocess.Popen[str]:
    """One process, its invoices in an order of its own; the first one charges in bulk."""
    mine = Random(number).sample(invoices, len(invoices))
    method = keep(desk) if number == 0 else None
    given: dict[str, Any] = {
        "name": f"process {number}",
        "database_url": url,
        "secret_key": f"sk_test_sandbox_{desk.till.account}",
        "sandbox_url": desk.sandbox.url,
        "agency_id": desk.till.agency_id,
        "account": desk.till.account,
        "zone": desk.till.zone,
        "cents": CENTS,
        "go": str(go),
        "kept": [method.customer_id, method.method_id] if method else None,
        "orders": [(each, "" if method else token(desk.processor)) for each in mine],
    }
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.payments.crowd_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(given))
    process.stdin.close()
    return process


@pytest.mark.timeout(0 if FULL else 120)
def test_as_many_charges_as_invoices_however_many_processes_pay_them(
    desk: Desk, database_url: str, tmp_path: Path
) -> None:
    invoices = [desk.invoice(CENTS) for _ in range(INVOICES)]
    go = tmp_path / "go"
    crowd = [start(desk, database_url, go, number, invoices) for number in range(PROCESSES)]
    ends: Counter[str] = Counter()
    try:
        for process in crowd:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        go.touch()
        for process in crowd:
            assert process.stdout is not None
            ends += Counter(json.loads(process.stdout.readline()))
    finally:
        for process in crowd:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
    settle_the_unknown(desk)
    books = control(desk.sandbox, f"books?account={desk.till.account}", method="GET")["accounts"][desk.till.account]
    charged = Counter(each["metadata"]["invoice_ids"] for each in books["charges"] if each["status"] == "succeeded")
    assert charged == Counter({str(each): 1 for each in invoices})
    assert {desk.invoice_state(each) for each in invoices} == {("paid", 0)}
    assert sum(ends.values()) == PROCESSES * INVOICES
    assert sum(ends[told] for told in TOLD) >= (PROCESSES - 1) * INVOICES - ends["submitted"] - ends["canceled"]
    assert set(ends) <= {"succeeded", "submitted", "canceled"} | TOLD
    desk.assert_sound()
    print(f"{desk.till.engine.dialect.name}: {PROCESSES} processes at {INVOICES} invoices: {dict(ends)}")


def settle_the_unknown(desk: Desk) -> None:
    """On a busy machine the processor may not answer in time: what the reconciler is for."""
    desk.clock.pass_(minutes=3)
    with desk.till.reading() as session:
        unknown = session.scalars(select(Payment.id).where(Payment.state == "submitted")).all()
    for payment_id in unknown:
        reconcile(desk.till, payment_id)
