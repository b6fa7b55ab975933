"""what was given back is found by an index

Revision ID: 0053
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = '0053'
down_revision = '0046'
branch_labels = None
depends_on = None

TAKEN_BACK = sa.text('taken_back_cents > 0')


def upgrade() -> None:
    op.create_index(
        'ix_claim_taken_back', 'claim', ['agency_id', 'invoice_id'],
        postgresql_where=TAKEN_BACK, sqlite_where=TAKEN_BACK,
    )


def downgrade() -> None:
    op.drop_index('ix_claim_taken_back', 'claim', postgresql_where=TAKEN_BACK, sqlite_where=TAKEN_BACK)
