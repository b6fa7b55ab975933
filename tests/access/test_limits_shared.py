"""Web processes count together: a limit is one limit, however many of them are asked."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine

from tests.factories.people import make_agency

PROJECT = Path(__file__).resolve().parents[2]


def start(database_url: str, agency_id: int, tries: int, most: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.access.limit_process", database_url, str(agency_id), str(tries), str(most)]
    process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def let_through(*processes: subprocess.Popen[str]) -> list[int]:
    """Have them try at the same time; how often each came through."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return [int(process.communicate(timeout=60)[0]) for process in processes]


def test_what_one_process_has_counted_the_other_refuses(engine: Engine, database_url: str) -> None:
    agency = make_agency(engine)
    assert let_through(start(database_url, agency.id, 3, 5)) == [3]
    assert let_through(start(database_url, agency.id, 10, 5)) == [2]


def test_two_processes_at_once_let_no_more_through_than_one(engine: Engine, database_url: str) -> None:
    agency = make_agency(engine)
    found = let_through(*(start(database_url, agency.id, 20, 12) for _ in range(2)))
    assert 6 <= sum(found) <= 12
    assert let_through(start(database_url, agency.id, 20, 12)) == [12 - sum(found)]
