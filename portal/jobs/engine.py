"""The job engine's own database: where it is, how it is made, how others hand it work.

On PostgreSQL it is a schema (`dbos`) of the portal's database. On SQLite it is a file beside it, since the
engine's polling and bookkeeping would otherwise compete with payments for the one write lock
(docs/decisions/jobs-beside-the-database.md).
"""

import sqlite3
import time
from pathlib import Path

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from sqlalchemy import Engine, create_engine, event, make_url

APPLICATION = "portal"
QUEUE = "jobs"
WAKE = "wake"
SUBSECONDS_SINCE = (3, 42)
"""From Python 3.12 on DBOS stamps its rows with `unixepoch('subsec')`, which is NULL in an earlier SQLite, as in
Debian 12 and Ubuntu 22.04: no worker would start."""


def engine_url(database_url: str) -> str:
    """Where the engine keeps its tables.

    >>> engine_url("sqlite:///var/demo/portal.db")
    'sqlite:///var/demo/portal-jobs.db'
    """
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database is None:
        return database_url
    path = Path(url.database)
    return url.set(database=str(path.with_name(f"{path.stem}-jobs{path.suffix}"))).render_as_string(False)


def migrate_engine(database_url: str, app_role: str = "") -> None:
    """Make or update the engine's tables; neither workers nor clients do it.

    Args:
        database_url: the portal's database; on PostgreSQL for the role that is to own the tables.
        app_role: the role that works with them, if it is another.
    """
    url = engine_url(database_url)
    if url.startswith("sqlite"):
        open_engine(database_url).connect().close()  # WAL is a property of the file
    DBOS.migrate(url, application_role=app_role or None)


def open_engine(database_url: str, *, pool_size: int = 5) -> Engine:
    """Connect to the engine's database.

    On SQLite without an fsync per commit: nothing in it is missed when the power fails, since the work itself
    is in rows of the portal's database, and the schedule looks for them.

    Args:
        database_url: the portal's database.
        pool_size: connections at the most.
    """
    url = engine_url(database_url)
    engine = create_engine(url, pool_size=pool_size, max_overflow=0, pool_timeout=30, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
    return engine


def open_client(database_url: str) -> DBOSClient:
    """A handle that can only hand work to the engine and look at it; for web processes and clean-up."""
    return DBOSClient(
        system_database_engine=open_engine(database_url, pool_size=2),
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
        retry_connection_errors=False,
        lazy=True,
    )


def _sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    if sqlite3.sqlite_version_info < SUBSECONDS_SINCE:
        connection.create_function("unixepoch", 1, lambda _modifier: round(time.time(), 3))
