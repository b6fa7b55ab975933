"""`flask worker` says what is missing instead of starting."""

import subprocess
import sys
from pathlib import Path

from portal.cli.database import upgrade_tables
from portal.cli.demo_settings import as_environment
from portal.settings import Settings

PROJECT = Path(__file__).parents[2]


def start(settings: Settings) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
        cwd=PROJECT, env=as_environment(settings), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_worker_does_not_start_on_what_has_to_be_upgraded(tmp_path: Path) -> None:
    settings = Settings(
        mode="demo",
        database_url=f"sqlite:///{tmp_path}/portal.db",
        secret_key="a secret key that only the tests know",
        encryption_keys="x" * 43 + "=",
        base_url="http://localhost",
        mail_from="payments@portal.example",
        stripe_sandbox_url="http://127.0.0.1:1",
    )
    empty = start(settings)
    assert (empty.returncode, empty.stderr) == (1, "Error: The database is empty. Run: make upgrade\n")
    upgrade_tables(settings.database_url)
    without_jobs = start(settings)
    assert without_jobs.returncode == 1
    assert without_jobs.stderr == "Error: The jobs' own tables are not up to date. Run: make upgrade\n"
