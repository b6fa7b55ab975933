"""What one running stand-in is made of."""

import threading
from dataclasses import dataclass
from pathlib import Path

from portal.sandbox.bindhq import sample
from portal.sandbox.bindhq.store import Store

CLIENT_CODE, API_KEY = "mymga", "bhq_sandbox_key"


@dataclass
class Machine:
    """One running stand-in. `news` is set when webhooks may be due, `stopping` when it ends."""

    store: Store
    news: threading.Event
    stopping: threading.Event
    latency_seconds: float = 0.0


def create_machine(db_path: str | Path, *, latency_ms: int = 0) -> Machine:
    """The state behind an app, filled with the sample at its first start. `latency_ms`: before every API answer."""
    machine = Machine(Store(db_path), threading.Event(), threading.Event(), latency_ms / 1000)
    begin(machine)
    return machine


def begin(machine: Machine) -> None:
    """Fill an empty store."""
    with machine.store.turn() as records:
        for name, usual in ("client_code", CLIENT_CODE), ("api_key", API_KEY):
            records.set(name, records.setting(name, usual))
        sample.load(records)
