"""A year of thirty financed programs in each test run, fewer on PostgreSQL; `make faults` lives many of them."""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from portal.sandbox.stripe.server import serve_in_thread
from tests.faults.year import Year
from tests.faults.year_town import found_town

SEED = 20261121


@pytest.mark.timeout(400)
def test_a_year_of_financed_programs(engine: Engine, tmp_path: Path) -> None:
    sandbox = serve_in_thread(tmp_path / "stripe.sqlite")
    try:
        programs = 30 if engine.dialect.name == "sqlite" else 5
        year = Year(found_town(engine, sandbox, hears=False), Random(SEED), judged_every=31, skips=True, plans=("3x3",))
        figures = year.live(programs)
    finally:
        sandbox.close()
    for what in ("payments by hand", "autopay tries", "reminders", "late fees", "days without a worker"):
        assert figures.seen[f"year: {what}"], what
    assert figures.seen["charges"] > programs
