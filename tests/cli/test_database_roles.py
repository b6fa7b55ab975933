"""`flask upgrade` on PostgreSQL: the owner makes the tables, the portal's own role works with them."""

import psycopg
import pytest
from click import ClickException
from psycopg import sql
from sqlalchemy import Engine, make_url

from portal.cli.database import upgrade_deployment
from portal.core.db import make_engine
from portal.jobs.engine import open_client
from portal.settings import Settings
from tests.postgresql import as_app, make_app_role, with_database

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def empty_url(postgres_template: tuple[str, str], database_url: str):
    """The owner's URL of an empty database."""
    url = postgres_template[0]
    name = f"{make_url(database_url).database}_empty"
    with psycopg.connect(url, autocommit=True) as server:
        make_app_role(server)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield with_database(url, name)
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def deployed(settings: Settings, url: str, owner_url: str) -> Settings:
    return settings.model_copy(update={"mode": "production", "database_url": url, "migration_database_url": owner_url})


def test_the_role_works_after_the_owners_upgrade(settings: Settings, empty_url: str):
    app_url = as_app(empty_url)
    for _ in range(2):
        upgrade_deployment(deployed(settings, app_url, empty_url))
    engine: Engine = make_engine(app_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM invoice").scalar() == 0
    engine.dispose()
    client = open_client(app_url)
    assert client.list_workflows() == []
    client.destroy()


def test_a_role_above_row_level_security_is_refused(settings: Settings, empty_url: str):
    with pytest.raises(ClickException, match="PORTAL_MIGRATION_DATABASE_URL"):
        upgrade_deployment(deployed(settings, empty_url, ""))


def test_a_role_that_owns_nothing_is_told_who_upgrades(settings: Settings, empty_url: str):
    with pytest.raises(
        ClickException, match=r"may not change the database's tables\. Give PORTAL_MIGRATION_DATABASE_URL"
    ):
        upgrade_deployment(deployed(settings, as_app(empty_url), ""))
