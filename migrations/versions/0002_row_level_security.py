"""row-level security

PostgreSQL shows and takes rows of the agency named in `app.agency_id` only, to whoever owns the tables too (FORCE).
Not to superusers and roles with BYPASSRLS: the role that migrates has it, the portal's own role does not.
SQLite has none of this: there the session's scope stands alone.

Revision ID: 0002
Revises: 0001c
"""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

from migrations.own_agency import guard, unguard

revision = '0002'
down_revision = '0001c'
branch_labels = None
depends_on = None

GLOBAL = "agency_host"  # names its agency, and is read before one is known
TENANT_TABLES = text(
    "SELECT table_name FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND column_name = 'agency_id' AND table_name <> :global ORDER BY 1"
)


def tables() -> Sequence[str]:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return ()
    return connection.scalars(TENANT_TABLES, {"global": GLOBAL}).all()


def upgrade() -> None:
    guard(*tables())


def downgrade() -> None:
    unguard(*tables())
