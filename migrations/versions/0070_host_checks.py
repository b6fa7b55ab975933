"""what was found at an agency's hosts

Revision ID: 0070
Revises: 0060
"""

import sqlalchemy as sa
from alembic import op

revision = '0070'
down_revision = '0060'
branch_labels = None
depends_on = None

NAMES = ('dns', 'certificate', 'answer')


def upgrade() -> None:
    op.add_column('agency_host', sa.Column('is_ready', sa.Boolean(), nullable=False, server_default=sa.true()))
    for name in NAMES:
        op.add_column('agency_host', sa.Column(name, sa.String(), nullable=False, server_default=''))
    op.add_column('agency_host', sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ('checked_at', *NAMES, 'is_ready'):
        op.drop_column('agency_host', name)
