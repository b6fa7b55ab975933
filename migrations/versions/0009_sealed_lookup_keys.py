"""sealed lookup keys

The key of the guest's index was stored in plain; it is encrypted like the keys of the processor. It stays the same key, so
that the index and the PINs on invoices hold. SQLite wipes what it overwrites here; PostgreSQL forgets it at its next
vacuum. Backups made before still hold it.

Revision ID: 0009
Revises: 0005
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import context, op

from portal.core.secrets import SecretBox
from portal.settings import load_settings

revision = '0009'
down_revision = '0005'
branch_labels = None
depends_on = None

AGENCY = sa.table("agency", sa.column("id"), sa.column("lookup_key"))


def upgrade() -> None:
    _rewrite(lambda box: box.close)


def downgrade() -> None:
    _rewrite(lambda box: box.open)


def _rewrite(change_with: Callable[[SecretBox], Callable[[str], str]]) -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(AGENCY.c.id, AGENCY.c.lookup_key)).all()
    if not rows:  # a new database needs no keys yet
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON").close()
    change = change_with(context.config.attributes.get("box") or load_settings().box)
    for agency_id, key in rows:
        connection.execute(sa.update(AGENCY).where(AGENCY.c.id == agency_id).values(lookup_key=change(key)))
