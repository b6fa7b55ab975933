"""saved payment methods

Revision ID: 0005
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0005'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('payment_method',
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('owner_email', sa.String(), nullable=False),
    sa.Column('customer_id', sa.String(), nullable=False),
    sa.Column('method_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('brand', sa.String(), nullable=False),
    sa.Column('last4', sa.String(), nullable=False),
    sa.Column('funding', sa.String(), nullable=False),
    sa.Column('bank_name', sa.String(), nullable=False),
    sa.Column('exp_month', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('exp_year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('is_default', sa.Boolean(), nullable=False),
    sa.Column('disabled_for', sa.String(), nullable=True),
    sa.Column('locale', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("NOT is_default OR state = 'active'", name=op.f('ck_payment_method_default_is_active')),
    sa.CheckConstraint("state IN ('pending_verification', 'active', 'unverified', 'disabled', 'removed')", name=op.f('ck_payment_method_state')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_payment_method_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_method')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_payment_method_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'method_id', name=op.f('uq_payment_method_agency_id_method_id'))
    )
    with op.batch_alter_table('payment_method', schema=None) as batch_op:
        batch_op.create_index('ix_payment_method_default', ['agency_id', 'account', 'owner_email'], unique=True, postgresql_where=sa.text('is_default'), sqlite_where=sa.text('is_default'))
        batch_op.create_index('ix_payment_method_fingerprint', ['agency_id', 'fingerprint'], unique=False)
        batch_op.create_index('ix_payment_method_owner', ['agency_id', 'owner_email'], unique=False)

    op.create_table('processor_customer',
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('owner_email', sa.String(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('customer_id', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_processor_customer_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_processor_customer')),
    sa.UniqueConstraint('agency_id', 'account', 'customer_id', name=op.f('uq_processor_customer_agency_id_account_customer_id')),
    sa.UniqueConstraint('agency_id', 'account', 'owner_email', name=op.f('uq_processor_customer_agency_id_account_owner_email')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_processor_customer_agency_id_id'))
    )
    op.create_table('method_setup',
    sa.Column('token', sa.String(), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('owner_email', sa.String(), nullable=False),
    sa.Column('customer_id', sa.String(), nullable=False),
    sa.Column('request_key', sa.String(), nullable=False),
    sa.Column('confirmation_token', sa.String(), nullable=False),
    sa.Column('return_url', sa.String(), nullable=False),
    sa.Column('locale', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('intent_id', sa.String(), nullable=True),
    sa.Column('payment_method_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('error_code', sa.String(), nullable=True),
    sa.Column('deposit_type', sa.String(), nullable=True),
    sa.Column('deposits_on', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("state IN ('created', 'submitted', 'action_required', 'verifying', 'succeeded', 'failed', 'canceled')", name=op.f('ck_method_setup_state')),
    sa.ForeignKeyConstraint(['agency_id', 'payment_method_id'], ['payment_method.agency_id', 'payment_method.id'], name=op.f('fk_method_setup_agency_id_payment_method_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_method_setup_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_method_setup')),
    sa.UniqueConstraint('account', 'intent_id', name=op.f('uq_method_setup_account_intent_id')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_method_setup_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'request_key', name=op.f('uq_method_setup_agency_id_request_key')),
    sa.UniqueConstraint('token', name=op.f('uq_method_setup_token'))
    )
    with op.batch_alter_table('method_setup', schema=None) as batch_op:
        batch_op.create_index('ix_method_setup_method', ['agency_id', 'payment_method_id'], unique=False)
        batch_op.create_index('ix_method_setup_unsettled', ['agency_id', 'changed_at'], unique=False, postgresql_where=sa.text("state NOT IN ('succeeded', 'failed', 'canceled')"), sqlite_where=sa.text("state NOT IN ('succeeded', 'failed', 'canceled')"))

    guard("payment_method", "processor_customer", "method_setup")


def downgrade() -> None:
    unguard("payment_method", "processor_customer", "method_setup")
    with op.batch_alter_table('method_setup', schema=None) as batch_op:
        batch_op.drop_index('ix_method_setup_unsettled', postgresql_where=sa.text("state NOT IN ('succeeded', 'failed', 'canceled')"), sqlite_where=sa.text("state NOT IN ('succeeded', 'failed', 'canceled')"))
        batch_op.drop_index('ix_method_setup_method')

    op.drop_table('method_setup')
    op.drop_table('processor_customer')
    with op.batch_alter_table('payment_method', schema=None) as batch_op:
        batch_op.drop_index('ix_payment_method_owner')
        batch_op.drop_index('ix_payment_method_fingerprint')
        batch_op.drop_index('ix_payment_method_default', postgresql_where=sa.text('is_default'), sqlite_where=sa.text('is_default'))

    op.drop_table('payment_method')
