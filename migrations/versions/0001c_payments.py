"""payments, the books, mails and what waits to be done

Revision ID: 0001c
Revises: 0001b
"""

import sqlalchemy as sa
from alembic import op

revision = '0001c'
down_revision = '0001b'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('gateway_event',
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('event_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('object_id', sa.String(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('handled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gateway_event')),
    sa.UniqueConstraint('account', 'event_id', name=op.f('uq_gateway_event_account_event_id'))
    )
    with op.batch_alter_table('gateway_event', schema=None) as batch_op:
        batch_op.create_index('ix_gateway_event_open', ['lease_until'], unique=False, postgresql_where=sa.text('handled_at IS NULL'), sqlite_where=sa.text('handled_at IS NULL'))

    op.create_table('journal_entry',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('ref', sa.String(), nullable=False),
    sa.Column('booked_on', sa.Date(), nullable=False),
    sa.Column('posted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_journal_entry_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_entry')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_journal_entry_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'kind', 'ref', name=op.f('uq_journal_entry_agency_id_kind_ref'))
    )

    op.create_table('outbox',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('dedupe_key', sa.String(), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.String(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_outbox_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_outbox_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'kind', 'dedupe_key', name=op.f('uq_outbox_agency_id_kind_dedupe_key'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_open', ['agency_id', 'lease_until'], unique=False, postgresql_where=sa.text('done_at IS NULL'), sqlite_where=sa.text('done_at IS NULL'))

    op.create_table('payment',
    sa.Column('token', sa.String(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('fee_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('charged_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('request_key', sa.String(), nullable=False),
    sa.Column('confirmation_token', sa.String(), nullable=True),
    sa.Column('return_url', sa.String(), nullable=False),
    sa.Column('intent_id', sa.String(), nullable=True),
    sa.Column('intent_number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attempt', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('method_kind', sa.String(), nullable=False),
    sa.Column('method_brand', sa.String(), nullable=False),
    sa.Column('method_last4', sa.String(), nullable=False),
    sa.Column('method_funding', sa.String(), nullable=False),
    sa.Column('payer_kind', sa.String(), nullable=False),
    sa.Column('payer_name', sa.String(), nullable=False),
    sa.Column('payer_email', sa.String(), nullable=False),
    sa.Column('payer_locale', sa.String(), nullable=False),
    sa.Column('charge_id', sa.String(), nullable=True),
    sa.Column('decline_code', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('succeeded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("state IN ('created', 'ready', 'submitted', 'action_required', 'processing', 'succeeded', 'declined', 'failed', 'canceled')", name=op.f('ck_payment_state')),
    sa.CheckConstraint('amount_cents > 0 AND fee_cents >= 0', name=op.f('ck_payment_amounts')),
    sa.CheckConstraint('charged_cents = amount_cents + fee_cents', name=op.f('ck_payment_charged')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_payment_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment')),
    sa.UniqueConstraint('account', 'intent_id', name=op.f('uq_payment_account_intent_id')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_payment_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'request_key', name=op.f('uq_payment_agency_id_request_key')),
    sa.UniqueConstraint('token', name=op.f('uq_payment_token'))
    )
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.create_index('ix_payment_payer', ['agency_id', 'payer_email', 'created_at'], unique=False)
        batch_op.create_index('ix_payment_unsettled', ['agency_id', 'changed_at'], unique=False, postgresql_where=sa.text("state NOT IN ('succeeded', 'failed', 'canceled')"), sqlite_where=sa.text("state NOT IN ('succeeded', 'failed', 'canceled')"))

    op.create_table('sent_mail',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('dedupe_key', sa.String(), nullable=False),
    sa.Column('to', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('text_body', sa.String(), nullable=False),
    sa.Column('html_body', sa.String(), nullable=False),
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('refused', sa.String(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_sent_mail_agency_id_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_sent_mail_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_sent_mail_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sent_mail')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_sent_mail_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'kind', 'dedupe_key', name=op.f('uq_sent_mail_agency_id_kind_dedupe_key'))
    )
    with op.batch_alter_table('sent_mail', schema=None) as batch_op:
        batch_op.create_index('ix_sent_mail_payment', ['agency_id', 'payment_id'], unique=False)
        batch_op.create_index('ix_sent_mail_program', ['agency_id', 'program_id'], unique=False)

    op.create_table('claim',
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("state IN ('live', 'consumed', 'released', 'reversed')", name=op.f('ck_claim_state')),
    sa.CheckConstraint('amount_cents >= 0', name=op.f('ck_claim_amount')),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_claim_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_claim_agency_id_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_claim_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_claim_agency_id_id'))
    )
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.create_index('ix_claim_invoice', ['agency_id', 'invoice_id'], unique=False)
        batch_op.create_index('ix_claim_live', ['agency_id', 'invoice_id'], unique=True, postgresql_where=sa.text("state = 'live'"), sqlite_where=sa.text("state = 'live'"))
        batch_op.create_index('ix_claim_payment', ['agency_id', 'payment_id'], unique=False)

    op.create_table('journal_line',
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('debit_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('credit_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('policy_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('carrier', sa.String(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('(debit_cents = 0) <> (credit_cents = 0)', name=op.f('ck_journal_line_one_side')),
    sa.CheckConstraint('debit_cents >= 0 AND credit_cents >= 0', name=op.f('ck_journal_line_positive')),
    sa.ForeignKeyConstraint(['agency_id', 'entry_id'], ['journal_entry.agency_id', 'journal_entry.id'], name=op.f('fk_journal_line_agency_id_entry_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_journal_line_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'policy_id'], ['policy.agency_id', 'policy.id'], name=op.f('fk_journal_line_agency_id_policy_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_journal_line_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_line')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_journal_line_agency_id_id'))
    )
    with op.batch_alter_table('journal_line', schema=None) as batch_op:
        batch_op.create_index('ix_journal_line_entry', ['agency_id', 'entry_id'], unique=False)
        batch_op.create_index('ix_journal_line_invoice', ['agency_id', 'invoice_id'], unique=False)


def downgrade() -> None:
    op.drop_table('journal_line')
    op.drop_table('claim')
    op.drop_table('sent_mail')
    op.drop_table('payment')
    op.drop_table('outbox')
    op.drop_table('journal_entry')
    op.drop_table('gateway_event')
