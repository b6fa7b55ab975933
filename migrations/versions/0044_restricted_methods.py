"""programs that are paid online in one way only

Revision ID: 0044
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = '0044'
down_revision = '0042'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('program', sa.Column('restricted_to', sa.String(), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('program', 'restricted_to')
