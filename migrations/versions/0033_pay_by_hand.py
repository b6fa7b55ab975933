"""how an agency is paid by check or wire, as its invoices say

Revision ID: 0033
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0030'
branch_labels = None
depends_on = None

COLUMNS = ('pay_to', 'mail_checks_to', 'wire_bank', 'wire_routing', 'wire_account')


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column('agency', sa.Column(name, sa.String(), nullable=False, server_default=''))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column('agency', name)
