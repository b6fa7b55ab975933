"""finance agreements

Revision ID: 0011
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard
from migrations.written_once import write_once

revision = '0011'
down_revision = '0008'
branch_labels = None
depends_on = None

TABLES = (
    "agreement_text",
    "checkout",
    "lending_terms",
    "loan",
    "loan_installment",
    "signature",
)


def upgrade() -> None:
    op.create_table('agreement_text',
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('written_by', sa.String(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_agreement_text_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_text')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_agreement_text_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'version', name=op.f('uq_agreement_text_agency_id_version'))
    )
    op.create_table('checkout',
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('plan', sa.String(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_checkout_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_checkout_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkout')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_checkout_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'program_id', name=op.f('uq_checkout_agency_id_program_id'))
    )
    op.create_table('lending_terms',
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('is_offered', sa.Boolean(), nullable=False),
    sa.Column('down_payment_rate', sa.BigInteger(), nullable=False),
    sa.Column('note_rate', sa.BigInteger(), nullable=False),
    sa.Column('plans', sa.String(), nullable=False),
    sa.Column('refund_method', sa.String(), nullable=False),
    sa.Column('lender_name', sa.String(), nullable=False),
    sa.Column('lender_address', sa.String(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("refund_method IN ('actuarial', 'rule_of_78')", name=op.f('ck_lending_terms_refund_method')),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_lending_terms_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_lending_terms_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lending_terms')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_lending_terms_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'program_id', name=op.f('uq_lending_terms_agency_id_program_id'))
    )
    with op.batch_alter_table('lending_terms', schema=None) as batch_op:
        batch_op.create_index('ix_lending_terms_default', ['agency_id'], unique=True, postgresql_where=sa.text('program_id IS NULL'), sqlite_where=sa.text('program_id IS NULL'))

    op.create_table('loan',
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('down_invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('financed_invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('replaced_invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('text_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('signed_file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('signed_hash', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('down_payment_rate', sa.BigInteger(), nullable=False),
    sa.Column('note_rate', sa.BigInteger(), nullable=False),
    sa.Column('apr', sa.BigInteger(), nullable=False),
    sa.Column('months_between', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('down_payment_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount_financed_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('finance_charge_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('stamp_tax_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('refund_method', sa.String(), nullable=False),
    sa.Column('lender_name', sa.String(), nullable=False),
    sa.Column('lender_address', sa.String(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('bound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('funded_on', sa.Date(), nullable=True),
    sa.Column('funded_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('funding_reference', sa.String(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("refund_method IN ('actuarial', 'rule_of_78')", name=op.f('ck_loan_refund_method')),
    sa.CheckConstraint("state IN ('signed', 'bound', 'paid_off', 'withdrawn', 'canceled')", name=op.f('ck_loan_state')),
    sa.ForeignKeyConstraint(['agency_id', 'down_invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_loan_agency_id_down_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'financed_invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_loan_agency_id_financed_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_loan_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'replaced_invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_loan_agency_id_replaced_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'signed_file_id'], ['stored_file.agency_id', 'stored_file.id'], name=op.f('fk_loan_agency_id_signed_file_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'text_id'], ['agreement_text.agency_id', 'agreement_text.id'], name=op.f('fk_loan_agency_id_text_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_loan_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_loan')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_loan_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'number', name=op.f('uq_loan_agency_id_number'))
    )
    with op.batch_alter_table('loan', schema=None) as batch_op:
        batch_op.create_index('ix_loan_down_invoice', ['agency_id', 'down_invoice_id'], unique=False)
        batch_op.create_index('ix_loan_live', ['agency_id', 'program_id'], unique=True, postgresql_where=sa.text("state IN ('signed', 'bound')"), sqlite_where=sa.text("state IN ('signed', 'bound')"))
        batch_op.create_index('ix_loan_program', ['agency_id', 'program_id'], unique=False)

    op.create_table('loan_installment',
    sa.Column('loan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('due_date', sa.Date(), nullable=False),
    sa.Column('payment_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('interest_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('principal_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('balance_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('interest_booked_on', sa.Date(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('payment_cents = principal_cents + interest_cents', name=op.f('ck_loan_installment_payment')),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_loan_installment_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'loan_id'], ['loan.agency_id', 'loan.id'], name=op.f('fk_loan_installment_agency_id_loan_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_loan_installment_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_loan_installment')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_loan_installment_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'loan_id', 'number', name=op.f('uq_loan_installment_agency_id_loan_id_number'))
    )
    with op.batch_alter_table('loan_installment', schema=None) as batch_op:
        batch_op.create_index('ix_loan_installment_invoice', ['agency_id', 'invoice_id'], unique=False)

    op.create_table('signature',
    sa.Column('loan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('typed_name', sa.String(), nullable=False),
    sa.Column('signer_email', sa.String(), nullable=False),
    sa.Column('consent', sa.String(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ip', sa.String(), nullable=False),
    sa.Column('browser', sa.String(), nullable=False),
    sa.Column('document_hash', sa.String(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'loan_id'], ['loan.agency_id', 'loan.id'], name=op.f('fk_signature_agency_id_loan_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_signature_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signature')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_signature_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'loan_id', name=op.f('uq_signature_agency_id_loan_id'))
    )
    guard(*TABLES)
    write_once("signature")


def downgrade() -> None:
    unguard(*TABLES)
    for table in reversed(TABLES):
        op.drop_table(table)
