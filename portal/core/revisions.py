"""Whether the database is at this version of the portal."""

from functools import lru_cache
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


@lru_cache(maxsize=1)
def newest_revisions() -> frozenset[str]:
    """The revisions that this version of the portal works with."""
    return frozenset(ScriptDirectory(str(MIGRATIONS)).get_heads())


def is_known(revision: str) -> bool:
    """Whether this version of the portal has this revision, the newest or an earlier one."""
    return any(revision == each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def revisions_of(connection: Connection) -> frozenset[str]:
    """The revisions that a database is at; none when it is empty."""
    return frozenset(MigrationContext.configure(connection).get_current_heads())
