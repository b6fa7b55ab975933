"""A few seconds of everything at random in each test run; `make faults` goes on for longer."""

import os
import time
from pathlib import Path
from random import Random

from sqlalchemy import Engine

from portal.sandbox.stripe.server import serve_in_thread
from tests.factories.desk import open_desk
from tests.payments.street import Street

SECONDS = float(os.environ.get("PORTAL_FAULT_SECONDS", "4"))
SEED = int(os.environ.get("PORTAL_FAULT_SEED", "20261121"))


def test_nothing_is_charged_twice_and_nothing_is_lost_whatever_goes_wrong(engine: Engine, tmp_path: Path) -> None:
    sandbox = serve_in_thread(tmp_path / "stripe.sqlite")
    try:
        street = Street(open_desk(engine, sandbox), Random(SEED))
        until = time.monotonic() + SECONDS
        while time.monotonic() < until or not street.seen["charges"]:
            street.history()
    finally:
        sandbox.close()
    print(f"{engine.dialect.name}, seed {SEED}: {dict(sorted(street.seen.items()))}")
