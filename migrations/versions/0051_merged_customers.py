"""customers who are one are merged

Revision ID: 0051
Revises: 0050
"""

import sqlalchemy as sa
from alembic import op

revision = '0051'
down_revision = '0050'
branch_labels = None
depends_on = None

MERGED = sa.text('merged_into_id IS NOT NULL')


def upgrade() -> None:
    op.add_column('insured', sa.Column('merged_into_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
    op.create_index('ix_insured_merged', 'insured', ['agency_id', 'merged_into_id'], unique=False, postgresql_where=MERGED, sqlite_where=MERGED)


def downgrade() -> None:
    op.drop_index('ix_insured_merged', 'insured', postgresql_where=MERGED, sqlite_where=MERGED)
    op.drop_column('insured', 'merged_into_id')
