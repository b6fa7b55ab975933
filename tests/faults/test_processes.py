"""Real processes die while people pay, and nothing is charged twice or lost."""

from pathlib import Path

import pytest

from tests.faults.processes import kill_and_restart


@pytest.mark.timeout(400)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_processes_die_while_people_pay(database_url: str, owner_url: str, tmp_path: Path) -> None:
    figures = kill_and_restart(database_url, owner_url, tmp_path, seed=1, kills=2)
    assert figures.seen["charges"]
