"""payouts of commission to partners

Revision ID: 0064
Revises: 0063
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0064'
down_revision = '0063'
branch_labels = None
depends_on = None

TABLES = ('payout_run', 'partner_payout', 'payout_item')


def upgrade() -> None:
    op.create_table('payout_run',
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('run_on', sa.Date(), nullable=False),
    sa.Column('proposed_by', sa.String(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approved_by', sa.String(), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paid_on', sa.Date(), nullable=True),
    sa.Column('bank_reference', sa.String(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("state IN ('proposed', 'approved', 'paid', 'dropped')", name=op.f('ck_payout_run_state')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_payout_run_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout_run')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_payout_run_agency_id_id'))
    )
    with op.batch_alter_table('payout_run') as batch_op:
        batch_op.create_index('ix_payout_run_state', ['agency_id', 'state'], unique=False)

    op.create_table('partner_payout',
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('partner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('paid_to', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('earned_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('deducted_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('returned_on', sa.Date(), nullable=True),
    sa.Column('return_reason', sa.String(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("state IN ('proposed', 'left_out', 'dropped', 'paid', 'returned')", name=op.f('ck_partner_payout_state')),
    sa.CheckConstraint('amount_cents = earned_cents - deducted_cents', name=op.f('ck_partner_payout_amount')),
    sa.CheckConstraint('amount_cents > 0 AND deducted_cents >= 0', name=op.f('ck_partner_payout_amounts')),
    sa.ForeignKeyConstraint(['agency_id', 'partner_id'], ['partner.agency_id', 'partner.id'], name=op.f('fk_partner_payout_agency_id_partner_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'run_id'], ['payout_run.agency_id', 'payout_run.id'], name=op.f('fk_partner_payout_agency_id_run_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_partner_payout_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_payout')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_partner_payout_agency_id_id'))
    )
    with op.batch_alter_table('partner_payout') as batch_op:
        batch_op.create_index('ix_partner_payout_partner', ['agency_id', 'partner_id'], unique=False)
        batch_op.create_index('ix_partner_payout_run', ['agency_id', 'run_id'], unique=False)

    op.create_table('payout_item',
    sa.Column('payout_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('commission_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("state IN ('live', 'released')", name=op.f('ck_payout_item_state')),
    sa.ForeignKeyConstraint(['agency_id', 'commission_id'], ['commission.agency_id', 'commission.id'], name=op.f('fk_payout_item_agency_id_commission_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'payout_id'], ['partner_payout.agency_id', 'partner_payout.id'], name=op.f('fk_payout_item_agency_id_payout_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_payout_item_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout_item')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_payout_item_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'payout_id', 'commission_id', name=op.f('uq_payout_item_agency_id_payout_id_commission_id'))
    )
    with op.batch_alter_table('payout_item') as batch_op:
        batch_op.create_index('ix_payout_item_live', ['agency_id', 'commission_id'], unique=True, postgresql_where=sa.text("state = 'live'"), sqlite_where=sa.text("state = 'live'"))

    guard(*TABLES)


def downgrade() -> None:
    unguard(*TABLES)
    with op.batch_alter_table('payout_item') as batch_op:
        batch_op.drop_index('ix_payout_item_live', postgresql_where=sa.text("state = 'live'"), sqlite_where=sa.text("state = 'live'"))

    op.drop_table('payout_item')
    with op.batch_alter_table('partner_payout') as batch_op:
        batch_op.drop_index('ix_partner_payout_run')
        batch_op.drop_index('ix_partner_payout_partner')

    op.drop_table('partner_payout')
    with op.batch_alter_table('payout_run') as batch_op:
        batch_op.drop_index('ix_payout_run_state')

    op.drop_table('payout_run')
