"""programs, policies, invoices and the ways to them

Revision ID: 0001b
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0001b'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('invoice_counter',
    sa.Column('year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('last', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_invoice_counter_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_counter')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_invoice_counter_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'year', name=op.f('uq_invoice_counter_agency_id_year'))
    )

    op.create_table('program',
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('insured_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('billing_type', sa.String(), nullable=False),
    sa.Column('due_date', sa.Date(), nullable=False),
    sa.Column('contact_email', sa.String(), nullable=True),
    sa.Column('producer', sa.String(), nullable=False),
    sa.Column('account_manager', sa.String(), nullable=False),
    sa.Column('guest_payments', sa.Boolean(), nullable=False),
    sa.Column('is_draft', sa.Boolean(), nullable=False),
    sa.Column('opening_paid_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('canceled_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('opening_paid_cents >= 0', name=op.f('ck_program_opening_paid')),
    sa.ForeignKeyConstraint(['agency_id', 'insured_id'], ['insured.agency_id', 'insured.id'], name=op.f('fk_program_agency_id_insured_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_program_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_program')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_program_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'reference', name=op.f('uq_program_agency_id_reference'))
    )
    with op.batch_alter_table('program', schema=None) as batch_op:
        batch_op.create_index('ix_program_contact_email', ['agency_id', 'contact_email'], unique=False)
        batch_op.create_index('ix_program_insured', ['agency_id', 'insured_id'], unique=False)

    op.create_table('access_try',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('missed', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_access_try_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_access_try_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_try')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_access_try_agency_id_id'))
    )
    with op.batch_alter_table('access_try', schema=None) as batch_op:
        batch_op.create_index('ix_access_try_subject', ['agency_id', 'kind', 'subject', 'at'], unique=False)

    op.create_table('invoice',
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('insured_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('contact_email', sa.String(), nullable=True),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('due_date', sa.Date(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('total_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('open_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("state IN ('draft', 'open', 'paid', 'void')", name=op.f('ck_invoice_state')),
    sa.CheckConstraint('open_cents >= 0 AND open_cents <= total_cents', name=op.f('ck_invoice_open')),
    sa.ForeignKeyConstraint(['agency_id', 'insured_id'], ['insured.agency_id', 'insured.id'], name=op.f('fk_invoice_agency_id_insured_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_invoice_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_invoice_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_invoice_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'number', name=op.f('uq_invoice_agency_id_number'))
    )
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.create_index('ix_invoice_contact_email', ['agency_id', 'contact_email'], unique=False)
        batch_op.create_index('ix_invoice_insured', ['agency_id', 'insured_id'], unique=False)
        batch_op.create_index('ix_invoice_program', ['agency_id', 'program_id'], unique=False)

    op.create_table('policy',
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('policy_number', sa.String(), nullable=False),
    sa.Column('carrier', sa.String(), nullable=False),
    sa.Column('carrier_naic', sa.String(), nullable=False),
    sa.Column('wholesaler', sa.String(), nullable=False),
    sa.Column('coverage_code', sa.String(), nullable=False),
    sa.Column('coverage', sa.String(), nullable=False),
    sa.Column('effective_date', sa.Date(), nullable=False),
    sa.Column('expiration_date', sa.Date(), nullable=False),
    sa.Column('premium_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('taxes_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('surplus_lines_tax_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('policy_fee_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agency_fee_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('broker_fee_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('other_fee_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('minimum_earned_rate', sa.BigInteger(), nullable=False),
    sa.Column('gross_commission_rate', sa.BigInteger(), nullable=False),
    sa.Column('retail_commission_rate', sa.BigInteger(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('expiration_date > effective_date', name=op.f('ck_policy_term')),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_policy_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_policy_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_policy_agency_id_id'))
    )
    with op.batch_alter_table('policy', schema=None) as batch_op:
        batch_op.create_index('ix_policy_program', ['agency_id', 'program_id'], unique=False)

    op.create_table('guest_key',
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('is_exact', sa.Boolean(), nullable=False),
    sa.Column('policy_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'policy_id'], ['policy.agency_id', 'policy.id'], name=op.f('fk_guest_key_agency_id_policy_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_guest_key_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_guest_key_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guest_key')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_guest_key_agency_id_id'))
    )
    with op.batch_alter_table('guest_key', schema=None) as batch_op:
        batch_op.create_index('ix_guest_key_digest', ['agency_id', 'digest'], unique=False)
        batch_op.create_index('ix_guest_key_policy', ['agency_id', 'policy_id'], unique=False)

    op.create_table('invoice_line',
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('label', sa.String(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('commission_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('policy_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('commission_cents >= 0 AND commission_cents <= amount_cents', name=op.f('ck_invoice_line_commission')),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_invoice_line_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'policy_id'], ['policy.agency_id', 'policy.id'], name=op.f('fk_invoice_line_agency_id_policy_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_invoice_line_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_line')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_invoice_line_agency_id_id'))
    )
    with op.batch_alter_table('invoice_line', schema=None) as batch_op:
        batch_op.create_index('ix_invoice_line_invoice', ['agency_id', 'invoice_id'], unique=False)

    op.create_table('payment_link',
    sa.Column('token', sa.String(), nullable=False),
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('(program_id IS NULL) <> (invoice_id IS NULL)', name=op.f('ck_payment_link_one_target')),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_payment_link_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_payment_link_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_payment_link_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_link')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_payment_link_agency_id_id')),
    sa.UniqueConstraint('token', name=op.f('uq_payment_link_token'))
    )
    with op.batch_alter_table('payment_link', schema=None) as batch_op:
        batch_op.create_index('ix_payment_link_invoice', ['agency_id', 'invoice_id'], unique=True, postgresql_where=sa.text('replaced_at IS NULL'), sqlite_where=sa.text('replaced_at IS NULL'))
        batch_op.create_index('ix_payment_link_program', ['agency_id', 'program_id'], unique=True, postgresql_where=sa.text('replaced_at IS NULL'), sqlite_where=sa.text('replaced_at IS NULL'))


def downgrade() -> None:
    op.drop_table('payment_link')
    op.drop_table('invoice_line')
    op.drop_table('guest_key')
    op.drop_table('policy')
    op.drop_table('invoice')
    op.drop_table('access_try')
    op.drop_table('program')
    op.drop_table('invoice_counter')
