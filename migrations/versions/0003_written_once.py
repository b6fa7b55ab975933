"""written once

What was done and the books are added to, never changed: by nobody, the tables' owner included, on both databases.
SQLite's batch mode makes a table anew and forgets its triggers: a migration that changes one of these makes them again.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

from migrations.written_once import REFUSAL, write_once

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

TABLES = ("audit_entry", "audit_seal", "journal_entry", "journal_line")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '%: {REFUSAL}', TG_TABLE_NAME; END $$"
        )
    for table in TABLES:
        write_once(table)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP TRIGGER written_once ON {table}")
        op.execute("DROP FUNCTION refuse_change()")
        return
    for table in TABLES:
        for change in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_refuses_{change}")
