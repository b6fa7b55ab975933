"""What makes a table of an agency safe in PostgreSQL: row-level security, its owner included.

Every revision that makes a table with an `agency_id` calls `guard`; SQLite has no such thing and is left alone.
"""

from alembic import op

OWN_AGENCY = "agency_id = nullif(current_setting('app.agency_id', true), '')::bigint"


def guard(*tables: str) -> None:
    """Show and take rows of `tables` for the agency that the transaction is about, and for no other."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_agency ON {table} USING ({OWN_AGENCY}) WITH CHECK ({OWN_AGENCY})")


def unguard(*tables: str) -> None:
    """Undo `guard`."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        op.execute(f"DROP POLICY own_agency ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
