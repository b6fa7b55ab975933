"""The database's own commands: bring its tables, and the job engine's, up to date, and say whether they are."""

from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from portal.core.db import make_engine
from portal.jobs.engine import migrate_engine
from portal.settings import load_settings

PROJECT = Path(__file__).resolve().parents[2]


def alembic_config(url: str) -> Config:
    """Alembic's configuration for one database, whatever the working directory."""
    config = Config(toml_file=PROJECT / "pyproject.toml")
    config.attributes["url"] = url
    return config


def upgrade_tables(url: str) -> None:
    """Bring the portal's own tables to the newest revision, in one transaction.

    Args:
        url: sqlite:///path or postgresql+psycopg://…; a missing SQLite file is made.
    """
    command.upgrade(alembic_config(url), "head")


def upgrade(url: str) -> None:
    """Bring everything the deployment keeps up to date: our tables and those of the job engine."""
    upgrade_tables(url)
    migrate_engine(url)


def revisions(url: str) -> set[str]:
    """The revisions that a database is at; none when it is empty.

    Raises:
        click.ClickException: it cannot be reached.
    """
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return set(MigrationContext.configure(connection).get_current_heads())
    except OperationalError as error:
        raise click.ClickException(f"The database cannot be reached: {str(error.orig).strip()}") from error
    finally:
        engine.dispose()


def require_up_to_date(url: str) -> None:
    """Make sure that a database can be reached and is at this version of the portal.

    Raises:
        click.ClickException: it is not; says what to do.
    """
    present = revisions(url)
    if present != set(ScriptDirectory.from_config(alembic_config(url)).get_heads()):
        what = "belongs to another version of the portal" if present else "is empty"
        raise click.ClickException(f"The database {what}. Run: make upgrade")


@click.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to this version of the portal; safe to run again, and from several machines."""
    url = load_settings().database_url
    revisions(url)
    upgrade(url)
    print("The database is up to date.")


@click.command("check")
def check_command() -> None:
    """Say whether web server and worker can start: the settings are complete, the database is up to date."""
    require_up_to_date(load_settings().database_url)
    print("Settings and database are fit to start.")
