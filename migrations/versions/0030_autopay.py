"""autopay: enrollments, consents, what was announced, tries; open invoices by due date

Revision ID: 0030
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0030'
down_revision = '0023'
branch_labels = None
depends_on = None

TABLES = ("autopay_enrollment", "autopay_announcement", "autopay_consent", "autopay_request", "autopay_try")


def upgrade() -> None:
    op.create_table('autopay_enrollment',
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('payment_method_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mandate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asks_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_for', sa.String(), nullable=True),
    sa.Column('ended_note', sa.String(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("ended_for IN ('insured', 'staff', 'failures', 'returned', 'method', 'program')", name=op.f('ck_autopay_enrollment_ended_for')),
    sa.CheckConstraint('(ended_at IS NULL) = (ended_for IS NULL)', name=op.f('ck_autopay_enrollment_ended')),
    sa.ForeignKeyConstraint(['agency_id', 'mandate_id'], ['mandate.agency_id', 'mandate.id'], name=op.f('fk_autopay_enrollment_agency_id_mandate_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'payment_method_id'], ['payment_method.agency_id', 'payment_method.id'], name=op.f('fk_autopay_enrollment_agency_id_payment_method_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_autopay_enrollment_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_autopay_enrollment_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_autopay_enrollment')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_autopay_enrollment_agency_id_id'))
    )
    with op.batch_alter_table('autopay_enrollment', schema=None) as batch_op:
        batch_op.create_index('ix_autopay_enrollment_live', ['agency_id', 'program_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))
        batch_op.create_index('ix_autopay_enrollment_method', ['agency_id', 'payment_method_id'], unique=False)
        batch_op.create_index('ix_autopay_enrollment_program', ['agency_id', 'program_id'], unique=False)

    op.create_table('autopay_request',
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mandate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'mandate_id'], ['mandate.agency_id', 'mandate.id'], name=op.f('fk_autopay_request_agency_id_mandate_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_autopay_request_agency_id_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_autopay_request_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_autopay_request_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_autopay_request')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_autopay_request_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'mandate_id', name=op.f('uq_autopay_request_agency_id_mandate_id')),
    sa.UniqueConstraint('agency_id', 'payment_id', name=op.f('uq_autopay_request_agency_id_payment_id'))
    )
    op.create_table('autopay_announcement',
    sa.Column('enrollment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('how', sa.String(), nullable=False),
    sa.Column('payment_method_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('due_date', sa.Date(), nullable=False),
    sa.Column('charge_on', sa.Date(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('fee_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("how IN ('consent', 'mail')", name=op.f('ck_autopay_announcement_how')),
    sa.CheckConstraint('amount_cents > 0 AND fee_cents >= 0', name=op.f('ck_autopay_announcement_amounts')),
    sa.ForeignKeyConstraint(['agency_id', 'enrollment_id'], ['autopay_enrollment.agency_id', 'autopay_enrollment.id'], name=op.f('fk_autopay_announcement_agency_id_enrollment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_autopay_announcement_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'payment_method_id'], ['payment_method.agency_id', 'payment_method.id'], name=op.f('fk_autopay_announcement_agency_id_payment_method_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_autopay_announcement_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_autopay_announcement')),
    sa.UniqueConstraint('agency_id', 'enrollment_id', 'invoice_id', 'number', name=op.f('uq_autopay_announcement_agency_id_enrollment_id_invoice_id_number')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_autopay_announcement_agency_id_id'))
    )
    op.create_table('autopay_consent',
    sa.Column('enrollment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mandate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('payment_method_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'enrollment_id'], ['autopay_enrollment.agency_id', 'autopay_enrollment.id'], name=op.f('fk_autopay_consent_agency_id_enrollment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'mandate_id'], ['mandate.agency_id', 'mandate.id'], name=op.f('fk_autopay_consent_agency_id_mandate_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'payment_method_id'], ['payment_method.agency_id', 'payment_method.id'], name=op.f('fk_autopay_consent_agency_id_payment_method_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_autopay_consent_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_autopay_consent')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_autopay_consent_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'mandate_id', name=op.f('uq_autopay_consent_agency_id_mandate_id'))
    )
    with op.batch_alter_table('autopay_consent', schema=None) as batch_op:
        batch_op.create_index('ix_autopay_consent_enrollment', ['agency_id', 'enrollment_id'], unique=False)

    op.create_table('autopay_try',
    sa.Column('enrollment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mandate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'enrollment_id'], ['autopay_enrollment.agency_id', 'autopay_enrollment.id'], name=op.f('fk_autopay_try_agency_id_enrollment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_autopay_try_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'mandate_id'], ['mandate.agency_id', 'mandate.id'], name=op.f('fk_autopay_try_agency_id_mandate_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_autopay_try_agency_id_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_autopay_try_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_autopay_try')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_autopay_try_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'invoice_id', 'number', name=op.f('uq_autopay_try_agency_id_invoice_id_number')),
    sa.UniqueConstraint('agency_id', 'payment_id', name=op.f('uq_autopay_try_agency_id_payment_id'))
    )
    with op.batch_alter_table('autopay_try', schema=None) as batch_op:
        batch_op.create_index('ix_autopay_try_enrollment', ['agency_id', 'enrollment_id'], unique=False)

    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.create_index('ix_invoice_open_due', ['agency_id', 'due_date'], unique=False, postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))

    with op.batch_alter_table('payment_method', schema=None) as batch_op:
        batch_op.add_column(sa.Column('expiry_warned_days', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))

    guard(*TABLES)


def downgrade() -> None:
    unguard(*TABLES)
    with op.batch_alter_table('payment_method', schema=None) as batch_op:
        batch_op.drop_column('expiry_warned_days')

    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.drop_index('ix_invoice_open_due', postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))

    with op.batch_alter_table('autopay_try', schema=None) as batch_op:
        batch_op.drop_index('ix_autopay_try_enrollment')

    op.drop_table('autopay_try')
    with op.batch_alter_table('autopay_consent', schema=None) as batch_op:
        batch_op.drop_index('ix_autopay_consent_enrollment')

    op.drop_table('autopay_consent')
    op.drop_table('autopay_announcement')
    op.drop_table('autopay_request')
    with op.batch_alter_table('autopay_enrollment', schema=None) as batch_op:
        batch_op.drop_index('ix_autopay_enrollment_program')
        batch_op.drop_index('ix_autopay_enrollment_method')
        batch_op.drop_index('ix_autopay_enrollment_live', postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))

    op.drop_table('autopay_enrollment')
