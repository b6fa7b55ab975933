"""How Alembic reaches the database: one history for both kinds, one transaction, one migrator at a time."""

import os
import sqlite3
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, TypeDecorator, event

import portal.models  # noqa: F401 - registers every table
from portal.core.db import Base, make_engine
from portal.core.sqlite_plans import presume_growth
from portal.settings import load_settings

ONE_MIGRATOR = 7_201_455_310  # any number, the same in every process: the advisory lock of the migration


def database_url() -> str:
    """The owner's URL: handed in by code, else from the variables, else from the settings of the deployment."""
    names = "PORTAL_MIGRATION_DATABASE_URL", "PORTAL_DATABASE_URL"
    known = [context.config.attributes.get("url"), *(os.environ.get(name) for name in names)]
    if handed_in := next(filter(None, known), None):
        return handed_in
    settings = load_settings()
    return settings.migration_database_url or settings.database_url


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our types into revisions as the plain ones below them, so that old revisions never need our code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def without_foreign_keys(connection: sqlite3.Connection, _record: object) -> None:
    """SQLite's batch mode copies and drops tables: with foreign keys on, children would go with them."""
    connection.execute("PRAGMA foreign_keys=OFF")


def migrate(connection: Connection) -> None:
    """Run the revisions on an open transaction; on SQLite look afterwards for rows left without their parents."""
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (ONE_MIGRATOR,))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
    )
    context.run_migrations()
    if sqlite:
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if orphans:
            raise RuntimeError(f"the migration left rows without their parents: {orphans[:5]}")
        presume_growth(connection)


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; SQL scripts are not written.")

engine = make_engine(database_url(), pool_size=1)
if engine.dialect.name == "sqlite":
    event.listen(engine, "connect", without_foreign_keys)
with engine.execution_options(writes=True).begin() as open_connection:
    migrate(open_connection)
engine.dispose()
