"""Two web and two worker processes share one PostgreSQL, and some die. `make faults` goes on for longer."""

from pathlib import Path

import pytest

from tests.faults.pairs import kill_one_of_four


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_any_process_may_die_and_nobody_else_notices(database_url: str, owner_url: str, tmp_path: Path) -> None:
    figures = kill_one_of_four(database_url, owner_url, tmp_path, seed=1, kills=2)
    assert figures.seen["charges"] > 3
    assert figures.seen["kills"] == 2
