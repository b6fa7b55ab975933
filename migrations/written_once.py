"""What makes a table written once: triggers that refuse every change, the owner's included, on both databases.

Revision 0003 makes PostgreSQL's function and guards the first tables; a later revision calls `write_once` for its own.
"""

from alembic import op

REFUSAL = "this table is written once"


def write_once(table: str) -> None:
    """Refuse changes of what a table holds."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table}: {REFUSAL}'); END"
        )
