"""Databases for the tests: of each kind one for each process, migrated, and as good as new for each test.

Their addresses stay, so that a process makes its engines and portals once: a portal compiles templates and queries.
On PostgreSQL tests work with the portal's own role, as a deployment does: row-level security binds them.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, event, make_url

from portal.cli.database import upgrade_tables
from portal.core.db import make_engine
from portal.sandbox.stripe.server import Running, serve_in_thread
from portal.settings import Settings
from portal.web.services import EXTENSION
from tests.factories.people import FERNET
from tests.postgresql import as_app, empty, leave_server, migrated_template, postgres_copy, with_database
from tests.sandbox.stripe.paying import control
from tests.scheduling import ByPortal
from tests.web.visitor import services_of

hypothesis_settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("any machine")  # how long an example takes says how busy the machine is


@event.listens_for(Engine, "connect")
def _any_order(connection: object, _record: object) -> None:
    """Rows come backwards from SQLite where no order is asked for, so that nothing trusts in one."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects = ON")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByPortal:
    """Which process runs which test."""
    return ByPortal(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Once all processes are through, stop this run's PostgreSQL, or leave a foreign one as it was."""
    if hasattr(config, "workerinput"):
        return
    leave_server()


@pytest.fixture(scope="session")
def postgres_template() -> tuple[str, str]:
    """A PostgreSQL server's URL, and the name of its migrated database to copy from."""
    return migrated_template()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_database(postgres_template: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """The database that the tests of a process take in turn, emptied for each: the URLs of its owner and of the app."""
    with postgres_copy(*postgres_template) as name:
        yield with_database(postgres_template[0], name), as_app(with_database(postgres_template[0], name))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh, migrated database, once on each kind. A test that works as the owner of the tables may change them."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = template.with_name("portal.db")
        for old in path.parent.glob("portal.db*"):
            old.unlink()
        shutil.copy(template, path)
        yield f"sqlite:///{path}"
    elif "owner_url" in request.fixturenames:
        url, template = request.getfixturevalue("postgres_template")
        with postgres_copy(url, template) as name:
            yield as_app(with_database(url, name))
    else:
        owner, app = request.getfixturevalue("postgres_database")
        empty(owner)
        yield app


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
    yield (opened := _engine(database_url))
    opened.dispose()


@pytest.fixture(scope="session")
def one_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One Stripe sandbox for all tests of a process; each test has an account of its own."""
    running = serve_in_thread(tmp_path_factory.mktemp("stripe") / "stripe.sqlite")
    yield running
    running.close()


@pytest.fixture
def stripe_sandbox(one_sandbox: Running) -> Iterator[Running]:
    """The Stripe sandbox; a test that let its time pass leaves it as it was for the next one."""
    yield one_sandbox
    if control(one_sandbox, "clock", method="GET")["offset_seconds"]:
        control(one_sandbox, "reset")


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings of a demo deployment on the fresh database; nothing listens at its ports."""
    return Settings(
        mode="demo",
        database_url=database_url,
        secret_key="a secret key that only the tests know",
        encryption_keys=FERNET,
        base_url="http://localhost",
        mail_from="payments@portal.example",
        smtp_port=1,
        stripe_sandbox_url="http://127.0.0.1:1",
        inbox_url="http://127.0.0.1:1",
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The portal on the fresh database."""
    with portal_of(settings) as made:
        yield made


@contextmanager
def portal_of(settings: Settings) -> Iterator[Flask]:
    """A portal as if it were new, for a test that puts nothing into it."""
    made = _portal(settings)
    services, config = services_of(made), dict(made.config)
    services.directory.forget()
    yield made
    made.extensions[EXTENSION] = services
    made.config.update(config)
    services.engine.dispose()


_engine = cache(make_engine)


@cache
def _portal(settings: Settings) -> Flask:
    from portal.app import create_app

    return create_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a screen."""
    return app.test_client()
