"""The job engine's database, whatever the machine's SQLite."""

import time
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.jobs.engine import open_engine


def test_the_engine_knows_the_moment_also_where_sqlite_is_old(tmp_path: Path) -> None:
    """What DBOS asks for from Python 3.12 on, also as what a column is filled with."""
    engine = open_engine(f"sqlite:///{tmp_path}/portal.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE a (id INTEGER, at BIGINT NOT NULL DEFAULT (unixepoch('subsec') * 1000))"))
        connection.execute(text("INSERT INTO a (id) VALUES (1)"))
        at = connection.execute(text("SELECT at FROM a")).scalar_one()
    engine.dispose()
    assert at / 1000 == pytest.approx(time.time(), abs=60)
