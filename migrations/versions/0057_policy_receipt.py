"""receipts that the policy system has of payments here

Revision ID: 0057
Revises: 0070
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0057'
down_revision = '0070'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
LIVE = sa.text("state <> 'voided'")


def upgrade() -> None:
    op.create_table('policy_receipt',
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('source_id', KEY, nullable=False),
    sa.Column('party', sa.String(), nullable=False),
    sa.Column('external_id', sa.String(), nullable=False),
    sa.Column('amount_cents', KEY, nullable=False),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('method', sa.String(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('receipt_id', sa.String(), nullable=True),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('wanted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', KEY, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_policy_receipt_amount')),
    sa.CheckConstraint("source IN ('payment', 'funding')", name=op.f('ck_policy_receipt_source')),
    sa.CheckConstraint("state IN ('wanted', 'sending', 'refused', 'made', 'voiding', 'voided')", name=op.f('ck_policy_receipt_state')),
    sa.CheckConstraint("state NOT IN ('made', 'voiding') OR receipt_id IS NOT NULL", name=op.f('ck_policy_receipt_receipt')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_policy_receipt_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_receipt')),
    sa.UniqueConstraint('agency_id', 'external_id', name=op.f('uq_policy_receipt_agency_id_external_id')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_policy_receipt_agency_id_id'))
    )
    op.create_index('ix_policy_receipt_live', 'policy_receipt', ['agency_id', 'source', 'source_id', 'party'], unique=True, sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index('ix_policy_receipt_source', 'policy_receipt', ['agency_id', 'source', 'source_id'], unique=False)
    guard('policy_receipt')


def downgrade() -> None:
    unguard('policy_receipt')
    op.drop_table('policy_receipt')
