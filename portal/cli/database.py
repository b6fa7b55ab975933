"""The database's own commands: bring its tables, and the job engine's, up to date, and say whether they are."""

from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from portal import models as models  # every table has its grants
from portal.core.app_role import AboveTheLaw, grant_app_role, require_bound_role
from portal.core.db import make_engine
from portal.core.revisions import newest_revisions, revisions_of
from portal.core.secrets import SecretBox
from portal.jobs.engine import migrate_engine
from portal.settings import Settings, load_settings

PROJECT = Path(__file__).resolve().parents[2]
NOT_ALLOWED = "42501"


def alembic_config(url: str, box: SecretBox | None = None) -> Config:
    """Alembic's configuration for one database, whatever the working directory.

    Args:
        box: for stored secrets that a revision changes; without it the settings say with what they are encrypted.
    """
    config = Config(toml_file=PROJECT / "pyproject.toml")
    config.attributes.update(url=url, box=box)
    return config


def upgrade_tables(url: str, box: SecretBox | None = None) -> None:
    """Bring the portal's own tables to the newest revision, in one transaction.

    Args:
        url: sqlite:///path or postgresql+psycopg://…, the owner's; a missing SQLite file is made.
        box: as for `alembic_config`.
    """
    command.upgrade(alembic_config(url, box), "head")


def upgrade(url: str, box: SecretBox, app_role: str = "") -> None:
    """Bring everything the deployment keeps up to date: our tables and those of the job engine.

    Args:
        url: of the role that owns the tables.
        box: opens and closes stored secrets.
        app_role: the role the portal works with, if it is another: it gets its grants.
    """
    upgrade_tables(url, box)
    migrate_engine(url, app_role)
    if app_role:
        engine = make_engine(url, pool_size=1)
        with engine.begin() as connection:
            grant_app_role(connection, app_role)
        engine.dispose()


def upgrade_deployment(settings: Settings) -> None:
    """Bring a deployment's database up to date, as its owner if that is another role.

    Raises:
        click.ClickException: the database cannot be reached, may not be changed by this role, or does not keep
            agencies apart for the portal's role.
    """
    owner_url = settings.migration_database_url or settings.database_url
    revisions(owner_url)
    has_own_role = bool(settings.migration_database_url)
    try:
        upgrade(owner_url, settings.box, make_url(settings.database_url).username or "" if has_own_role else "")
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != NOT_ALLOWED:
            raise
        raise click.ClickException(
            "This role may not change the database's tables. Give PORTAL_MIGRATION_DATABASE_URL of the role that owns "
            "them; docs/operations.md says how the two are made."
        ) from error
    require_agencies_kept_apart(settings)


def require_agencies_kept_apart(settings: Settings) -> None:
    """Make sure that row-level security binds the portal's role; the demo may do without.

    Raises:
        click.ClickException: it does not; says what to do.
    """
    if settings.is_demo:
        return
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        require_bound_role(engine)
    except AboveTheLaw as error:
        raise click.ClickException(str(error)) from error
    finally:
        engine.dispose()


def revisions(url: str) -> frozenset[str]:
    """The revisions that a database is at; none when it is empty.

    Raises:
        click.ClickException: it cannot be reached.
    """
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return revisions_of(connection)
    except OperationalError as error:
        raise click.ClickException(f"The database cannot be reached: {str(error.orig).strip()}") from error
    finally:
        engine.dispose()


def lacking(url: str) -> list[str]:
    """Tables and columns that the portal's models have and a database does not: it was made by another version.

    Args:
        url: a database whose revisions are the newest.
    """
    engine = make_engine(url, pool_size=1)
    there = inspect(engine)
    tables = set(there.get_table_names())
    found = []
    for table in models.Base.metadata.sorted_tables:
        columns = {column["name"] for column in there.get_columns(table.name)} if table.name in tables else set()
        found += [f"{table.name}.{column.name}" for column in table.columns if column.name not in columns]
    engine.dispose()
    return found


def require_up_to_date(url: str) -> None:
    """Make sure that a database can be reached and is at this version of the portal.

    Raises:
        click.ClickException: it is not; says what to do.
    """
    present = revisions(url)
    if present != newest_revisions():
        what = "belongs to another version of the portal" if present else "is empty"
        raise click.ClickException(f"The database {what}. Run: make upgrade")


def require_tables(url: str) -> None:
    """Make sure that a database can be reached and is not empty; it may be of another version.

    Raises:
        click.ClickException: it is not; says what to do.
    """
    if not revisions(url):
        raise click.ClickException("The database is empty. Run: make upgrade")


@click.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to this version of the portal; safe to run again, and from several machines."""
    upgrade_deployment(load_settings())
    print("The database is up to date.")


@click.command("check")
def check_command() -> None:
    """Say whether web server and worker can start: the settings are complete, the database is up to date."""
    settings = load_settings()
    require_up_to_date(settings.database_url)
    require_agencies_kept_apart(settings)
    print("Settings and database are fit to start.")
