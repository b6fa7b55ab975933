"""late fees: what an agency has set, the fees, and what an agreement says of them

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('late_settings',
    sa.Column('fee_is_charged', sa.Boolean(), nullable=False),
    sa.Column('fee_rate', sa.BigInteger(), nullable=False),
    sa.Column('fee_after_days', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('failed_fee_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_late_settings_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_late_settings')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_late_settings_agency_id_id')),
    sa.UniqueConstraint('agency_id', name=op.f('uq_late_settings_agency_id'))
    )
    op.create_table('installment_fee',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('installment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('charged_on', sa.Date(), nullable=False),
    sa.Column('waived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('waived_by', sa.String(), nullable=True),
    sa.Column('waived_reason', sa.String(), nullable=True),
    sa.Column('waived_note', sa.String(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("(kind = 'failed') = (payment_id IS NOT NULL)", name=op.f('ck_installment_fee_payment')),
    sa.CheckConstraint("kind IN ('late', 'failed')", name=op.f('ck_installment_fee_kind')),
    sa.CheckConstraint('(waived_at IS NULL) = (waived_reason IS NULL)', name=op.f('ck_installment_fee_waived')),
    sa.ForeignKeyConstraint(['agency_id', 'installment_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_installment_fee_agency_id_installment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_installment_fee_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_installment_fee_agency_id_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_installment_fee_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_installment_fee_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_installment_fee')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_installment_fee_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'invoice_id', name=op.f('uq_installment_fee_agency_id_invoice_id'))
    )
    op.create_index('ix_installment_fee_failed', 'installment_fee', ['agency_id', 'payment_id'], unique=True, postgresql_where=sa.text("kind = 'failed'"), sqlite_where=sa.text("kind = 'failed'"))
    op.create_index('ix_installment_fee_late', 'installment_fee', ['agency_id', 'installment_id'], unique=True, postgresql_where=sa.text("kind = 'late'"), sqlite_where=sa.text("kind = 'late'"))
    op.create_index('ix_installment_fee_program', 'installment_fee', ['agency_id', 'program_id'], unique=False)

    op.add_column('loan', sa.Column('late_fee_rate', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('loan', sa.Column('late_fee_after_days', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False))
    guard("late_settings", "installment_fee")


def downgrade() -> None:
    with op.batch_alter_table('loan') as batch_op:
        batch_op.drop_column('late_fee_after_days')
        batch_op.drop_column('late_fee_rate')
    unguard("late_settings", "installment_fee")
    op.drop_table('installment_fee')
    op.drop_table('late_settings')
