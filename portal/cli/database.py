"""The database's own commands: bring its tables, and the job engine's, up to date."""

from pathlib import Path

import click
from alembic import command
from alembic.config import Config

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


@click.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to this version of the portal; safe to run again, and from several machines."""
    upgrade(load_settings().database_url)
    print("The database is up to date.")
