"""A year of financed programs in each test run; `make faults` lives many of them, on PostgreSQL too."""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from portal.sandbox.stripe.server import serve_in_thread
from tests.faults.year import Year
from tests.faults.year_town import found_town

SEED = 20261121
PROGRAMS = 15


@pytest.mark.timeout(400)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_year_of_financed_programs(engine: Engine, tmp_path: Path) -> None:
    sandbox = serve_in_thread(tmp_path / "stripe.sqlite")
    try:
        year = Year(found_town(engine, sandbox, hears=False), Random(SEED), judged_every=31, skips=True, plans=("3x3",))
        figures = year.live(PROGRAMS)
    finally:
        sandbox.close()
    for what in ("payments by hand", "autopay tries", "reminders", "late fees", "days without a worker"):
        assert figures.seen[f"year: {what}"], what
    assert figures.seen["charges"] > PROGRAMS
