"""row-level security

PostgreSQL shows and takes rows of the agency named in `app.agency_id` only, to whoever owns the tables too (FORCE).
Not to superusers and roles with BYPASSRLS: the role that migrates has it, the portal's own role does not.
SQLite has none of this: there the session's scope stands alone.

Revision ID: 0002
Revises: 0001
"""

from alembic import op
from sqlalchemy import text

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

GLOBAL = "agency_host"  # names its agency, and is read before one is known
OWN_AGENCY = "agency_id = nullif(current_setting('app.agency_id', true), '')::bigint"
TENANT_TABLES = text(
    "SELECT table_name FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND column_name = 'agency_id' AND table_name <> :global ORDER BY 1"
)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for table in connection.scalars(TENANT_TABLES, {"global": GLOBAL}).all():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_agency ON {table} USING ({OWN_AGENCY}) WITH CHECK ({OWN_AGENCY})")


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for table in connection.scalars(TENANT_TABLES, {"global": GLOBAL}).all():
        op.execute(f"DROP POLICY own_agency ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
