"""The migrations make exactly the tables that the models describe, on both databases."""

from alembic import command
from sqlalchemy import inspect

from portal.cli.database import alembic_config, upgrade_tables
from portal.core.db import Base, make_engine


def test_models_and_migrations_agree(owner_url):
    command.check(alembic_config(owner_url))


def test_every_table_is_made(engine):
    assert set(Base.metadata.tables) <= set(inspect(engine).get_table_names())


def test_upgrading_again_changes_nothing(owner_url):
    upgrade_tables(owner_url)
    engine = make_engine(owner_url)
    assert "agency" in inspect(engine).get_table_names()
    engine.dispose()


def test_there_is_one_head():
    from alembic.script import ScriptDirectory

    assert len(ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads()) == 1
