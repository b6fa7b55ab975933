"""plans count the installments after the down payment: three quarterly, one half-yearly

Nobody was ever offered four or two, so no agreement and no checkout names them.

Revision ID: 0023
Revises: 0005b
"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0005b'
branch_labels = None
depends_on = None

SPELLED_ANEW = (("4x3", "3x3"), ("2x6", "1x6"))
SPELL = "UPDATE lending_terms SET plans = REPLACE(plans, :old, :new) WHERE agency_id = :agency_id"


def upgrade() -> None:
    for old, new in SPELLED_ANEW:
        _spell(old, new)


def downgrade() -> None:
    for old, new in SPELLED_ANEW:
        _spell(new, old)


def _spell(old: str, new: str) -> None:
    """Agency by agency, as row-level security wants it."""
    connection = op.get_bind()
    for (agency_id,) in connection.execute(sa.text('SELECT id FROM agency ORDER BY id')).fetchall():
        if connection.dialect.name == 'postgresql':
            connection.execute(sa.text("SELECT set_config('app.agency_id', :id, true)"), {'id': str(agency_id)})
        connection.execute(sa.text(SPELL), {'old': old, 'new': new, 'agency_id': agency_id})
