"""processor payouts

Revision ID: 0007
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0007'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('balance_transaction',
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('transaction_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('source_id', sa.String(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('fee_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('net_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('entry_kind', sa.String(), nullable=True),
    sa.Column('entry_ref', sa.String(), nullable=True),
    sa.Column('payout_id', sa.String(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("(state = 'waiting') = (entry_kind IS NULL)", name=op.f('ck_balance_transaction_entry')),
    sa.CheckConstraint("state IN ('waiting', 'posted', 'suspense')", name=op.f('ck_balance_transaction_state')),
    sa.CheckConstraint('net_cents = amount_cents - fee_cents', name=op.f('ck_balance_transaction_net')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_balance_transaction_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_balance_transaction')),
    sa.UniqueConstraint('agency_id', 'account', 'transaction_id', name=op.f('uq_balance_transaction_agency_id_account_transaction_id')),
    sa.UniqueConstraint('agency_id', 'entry_kind', 'entry_ref', name=op.f('uq_balance_transaction_agency_id_entry_kind_entry_ref')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_balance_transaction_agency_id_id'))
    )
    with op.batch_alter_table('balance_transaction', schema=None) as batch_op:
        batch_op.create_index('ix_balance_transaction_open', ['agency_id', 'id'], unique=False, postgresql_where=sa.text("state <> 'posted'"), sqlite_where=sa.text("state <> 'posted'"))
        batch_op.create_index('ix_balance_transaction_payout', ['agency_id', 'payout_id'], unique=False)
        batch_op.create_index('ix_balance_transaction_source', ['agency_id', 'source_id'], unique=False)

    op.create_table('processor_payout',
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('payout_id', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('booked', sa.String(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('is_automatic', sa.Boolean(), nullable=False),
    sa.Column('is_listed', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('arrives_on', sa.Date(), nullable=False),
    sa.Column('trace', sa.String(), nullable=False),
    sa.Column('failure', sa.String(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("booked IN ('none', 'created', 'paid', 'failed')", name=op.f('ck_processor_payout_booked')),
    sa.CheckConstraint("state IN ('pending', 'in_transit', 'paid', 'failed', 'canceled')", name=op.f('ck_processor_payout_state')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_processor_payout_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_processor_payout')),
    sa.UniqueConstraint('agency_id', 'account', 'payout_id', name=op.f('uq_processor_payout_agency_id_account_payout_id')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_processor_payout_agency_id_id'))
    )
    with op.batch_alter_table('processor_payout', schema=None) as batch_op:
        batch_op.create_index('ix_processor_payout_created', ['agency_id', 'created_at'], unique=False)

    with op.batch_alter_table('processor_account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('balance_read_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('bulk_until', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.create_index('ix_payment_charge', ['agency_id', 'charge_id'], unique=False)

    guard('balance_transaction', 'processor_payout')


def downgrade() -> None:
    unguard('balance_transaction', 'processor_payout')
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.drop_index('ix_payment_charge')

    with op.batch_alter_table('processor_account', schema=None) as batch_op:
        batch_op.drop_column('bulk_until')
        batch_op.drop_column('balance_read_at')

    with op.batch_alter_table('processor_payout', schema=None) as batch_op:
        batch_op.drop_index('ix_processor_payout_created')

    op.drop_table('processor_payout')
    with op.batch_alter_table('balance_transaction', schema=None) as batch_op:
        batch_op.drop_index('ix_balance_transaction_source')
        batch_op.drop_index('ix_balance_transaction_payout')
        batch_op.drop_index('ix_balance_transaction_open', postgresql_where=sa.text("state <> 'posted'"), sqlite_where=sa.text("state <> 'posted'"))

    op.drop_table('balance_transaction')
