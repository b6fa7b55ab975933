"""staff look at the portal as a customer sees it

Revision ID: 0050
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

revision = '0050'
down_revision = '0043'
branch_labels = None
depends_on = None

LOOKS = sa.text('viewing_until IS NOT NULL')


def upgrade() -> None:
    op.add_column('sign_in_session', sa.Column('viewing_email', sa.String(), nullable=True))
    op.add_column('sign_in_session', sa.Column('viewing_insured_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
    op.add_column('sign_in_session', sa.Column('viewing_until', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_sign_in_session_viewing', 'sign_in_session', ['agency_id'], unique=False, postgresql_where=LOOKS, sqlite_where=LOOKS)


def downgrade() -> None:
    op.drop_index('ix_sign_in_session_viewing', 'sign_in_session', postgresql_where=LOOKS, sqlite_where=LOOKS)
    for name in ('viewing_until', 'viewing_insured_id', 'viewing_email'):
        op.drop_column('sign_in_session', name)
