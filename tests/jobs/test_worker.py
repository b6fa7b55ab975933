"""The worker as a real process: woken by a commit, killed, restarted, stopped."""

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from portal.core.outbox import OutboxRow, enqueue
from portal.core.tenancy import reading, writing
from portal.jobs.engine import migrate_engine
from portal.jobs.wake import wake_on_commit
from tests.jobs.conftest import agency
from tests.postgresql import APP_ROLE

PROJECT = Path(__file__).resolve().parents[2]


class Worker:
    """A worker process, with what it delivered."""

    def __init__(self, database_url: str, target: Path, seconds: float = 0) -> None:
        self.target = target
        command = [sys.executable, "-m", "tests.jobs.worker_process", database_url, str(target), str(seconds)]
        self.process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def noted(self, what: str) -> dict[str, float]:
        lines = [line.split() for line in self.target.read_text().splitlines()] if self.target.exists() else []
        return {key: float(at) for noted, key, at in lines if noted == what}

    def wait_for(self, what: str, keys: set[str], seconds: float) -> dict[str, float]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if keys <= set(self.noted(what)):
                return self.noted(what)
            time.sleep(0.02)
        raise AssertionError(f"only {sorted(self.noted(what))} of {sorted(keys)} {what}")


@pytest.fixture
def start(database_url, owner_url, tmp_path):
    """Starts workers; ends those that a test left running."""
    started: list[Worker] = []

    def start_one(seconds: float = 0) -> Worker:
        started.append(Worker(database_url, tmp_path / "delivered", seconds))
        return started[-1]

    migrate_engine(owner_url, "" if owner_url == database_url else APP_ROLE)
    yield start_one
    for worker in started:
        worker.process.kill()
        worker.process.wait()
        worker.process.stdout.close()


def put(engine, agency_id: int, *keys: str) -> float:
    """Write outbox rows in one unit; when it was committed."""
    with writing(engine, agency_id) as session:
        for key in keys:
            enqueue(session, "note", key, {}, datetime.now(UTC))
    return time.time()


def test_what_is_committed_leaves_within_about_a_second(engine, database_url, start):
    agency_id = agency(engine)
    wake_on_commit(engine, database_url)
    worker = start()
    waits = []
    for number in range(8):
        committed = put(engine, agency_id, f"n{number}")
        waits.append(worker.wait_for("delivered", {f"n{number}"}, 10)[f"n{number}"] - committed)
        time.sleep(0.31)
    print(f"waits: {sorted(round(wait, 2) for wait in waits)}")
    assert sorted(waits)[len(waits) // 2] < 1
    assert max(waits) < 8  # on a machine that is busy; the schedule alone would take up to 15


def test_a_killed_worker_goes_on_after_a_restart(engine, database_url, start):
    agency_id = agency(engine)
    wake_on_commit(engine, database_url)
    worker = start(seconds=3)
    keys = {f"n{number}" for number in range(20)}
    put(engine, agency_id, *keys)
    while len(worker.noted("begun")) < 8:
        time.sleep(0.02)
    worker.process.send_signal(signal.SIGKILL)
    worker.process.wait()
    assert worker.noted("delivered") == {}
    end_leases(engine, agency_id)
    again = start()
    again.wait_for("delivered", keys, 40)
    again.process.terminate()
    assert again.process.wait(30) == 0
    assert open_keys(engine, agency_id) == []


def open_keys(engine, agency_id: int) -> list[str]:
    with reading(engine, agency_id) as session:
        return list(session.scalars(select(OutboxRow.dedupe_key).where(OutboxRow.done_at.is_(None))))


def end_leases(engine, agency_id: int) -> None:
    """What a minute's wait would do."""
    with writing(engine, agency_id) as session:
        session.execute(update(OutboxRow).where(OutboxRow.done_at.is_(None)).values(lease_until=datetime.now(UTC)))


def test_asked_to_stop_it_ends_what_it_began(engine, database_url, start):
    agency_id = agency(engine)
    wake_on_commit(engine, database_url)
    worker = start(seconds=1.5)
    put(engine, agency_id, "n1")
    worker.wait_for("begun", {"n1"}, 20)
    worker.process.terminate()
    assert worker.process.wait(30) == 0
    assert set(worker.noted("delivered")) == {"n1"}
    assert open_keys(engine, agency_id) == []
