"""refunds, disputes, and the customers' credit

The credit that the books hold already gets its entries: it belongs to the insured of the payment's first invoice.

Revision ID: 0006
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard

revision = '0006'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('dispute',
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('dispute_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('network_code', sa.String(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('evidence_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("kind IN ('card', 'bank')", name=op.f('ck_dispute_kind')),
    sa.ForeignKeyConstraint(['agency_id', 'payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_dispute_agency_id_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_dispute_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispute')),
    sa.UniqueConstraint('account', 'dispute_id', name=op.f('uq_dispute_account_dispute_id')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_dispute_agency_id_id'))
    )
    with op.batch_alter_table('dispute', schema=None) as batch_op:
        batch_op.create_index('ix_dispute_payment', ['agency_id', 'payment_id'], unique=False)

    op.create_table('refund',
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('request_key', sa.String(), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('way', sa.String(), nullable=False),
    sa.Column('refund_id', sa.String(), nullable=True),
    sa.Column('hand_reference', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('total_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('fee_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('credit_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unmatched_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('requested_by', sa.String(), nullable=False),
    sa.Column('failure_code', sa.String(), nullable=True),
    sa.Column('transaction_id', sa.String(), nullable=True),
    sa.Column('failure_transaction_id', sa.String(), nullable=True),
    sa.Column('attempt', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('first_sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("state IN ('requested', 'pending', 'requires_action', 'succeeded', 'failed', 'canceled')", name=op.f('ck_refund_state')),
    sa.CheckConstraint("way IN ('processor', 'by_hand')", name=op.f('ck_refund_way')),
    sa.CheckConstraint('total_cents = amount_cents + fee_cents + credit_cents + unmatched_cents', name=op.f('ck_refund_total')),
    sa.CheckConstraint('total_cents > 0 AND amount_cents >= 0 AND fee_cents >= 0 AND credit_cents >= 0 AND unmatched_cents >= 0', name=op.f('ck_refund_amounts')),
    sa.ForeignKeyConstraint(['agency_id', 'payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_refund_agency_id_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_refund_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refund')),
    sa.UniqueConstraint('account', 'refund_id', name=op.f('uq_refund_account_refund_id')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_refund_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'reference', name=op.f('uq_refund_agency_id_reference')),
    sa.UniqueConstraint('agency_id', 'request_key', name=op.f('uq_refund_agency_id_request_key'))
    )
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.create_index('ix_refund_payment', ['agency_id', 'payment_id'], unique=False)
        batch_op.create_index('ix_refund_unsettled', ['agency_id', 'changed_at'], unique=False, postgresql_where=sa.text("state IN ('requested', 'pending', 'requires_action')"), sqlite_where=sa.text("state IN ('requested', 'pending', 'requires_action')"))

    op.create_table('dispute_movement',
    sa.Column('dispute_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('transaction_id', sa.String(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('fee_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('posted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('amount_cents <> 0', name=op.f('ck_dispute_movement_amount')),
    sa.ForeignKeyConstraint(['agency_id', 'dispute_id'], ['dispute.agency_id', 'dispute.id'], name=op.f('fk_dispute_movement_agency_id_dispute_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_dispute_movement_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispute_movement')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_dispute_movement_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'transaction_id', name=op.f('uq_dispute_movement_agency_id_transaction_id'))
    )
    with op.batch_alter_table('dispute_movement', schema=None) as batch_op:
        batch_op.create_index('ix_dispute_movement_dispute', ['agency_id', 'dispute_id'], unique=False)

    op.create_table('credit_entry',
    sa.Column('insured_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('ref', sa.String(), nullable=False),
    sa.Column('cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('refund_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('booked_on', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('cents <> 0', name=op.f('ck_credit_entry_cents')),
    sa.ForeignKeyConstraint(['agency_id', 'insured_id'], ['insured.agency_id', 'insured.id'], name=op.f('fk_credit_entry_agency_id_insured_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_credit_entry_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_credit_entry_agency_id_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'refund_id'], ['refund.agency_id', 'refund.id'], name=op.f('fk_credit_entry_agency_id_refund_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_credit_entry_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_entry')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_credit_entry_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'kind', 'ref', name=op.f('uq_credit_entry_agency_id_kind_ref'))
    )
    with op.batch_alter_table('credit_entry', schema=None) as batch_op:
        batch_op.create_index('ix_credit_entry_insured', ['agency_id', 'insured_id'], unique=False)

    op.create_table('refund_part',
    sa.Column('refund_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_refund_part_amount')),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_refund_part_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'refund_id'], ['refund.agency_id', 'refund.id'], name=op.f('fk_refund_part_agency_id_refund_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_refund_part_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refund_part')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_refund_part_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'refund_id', 'invoice_id', name=op.f('uq_refund_part_agency_id_refund_id_invoice_id'))
    )
    with op.batch_alter_table('refund_part', schema=None) as batch_op:
        batch_op.create_index('ix_refund_part_invoice', ['agency_id', 'invoice_id'], unique=False)

    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.add_column(sa.Column('taken_back_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False))

    guard('refund', 'refund_part', 'dispute', 'dispute_movement', 'credit_entry')
    _enter_known_credit()


def _enter_known_credit() -> None:
    """Agency by agency, as row-level security wants it: each entry of the books that made or took credit."""
    connection = op.get_bind()
    for (agency_id,) in connection.execute(sa.text('SELECT id FROM agency ORDER BY id')).fetchall():
        if connection.dialect.name == 'postgresql':
            connection.execute(sa.text("SELECT set_config('app.agency_id', :id, true)"), {'id': str(agency_id)})
        connection.execute(sa.text(KNOWN_CREDIT), {'agency_id': agency_id})
        connection.execute(sa.text(BOUNCED), {'agency_id': agency_id})


BOUNCED = "UPDATE claim SET taken_back_cents = amount_cents WHERE agency_id = :agency_id AND state = 'reversed'"


KNOWN_CREDIT = """
INSERT INTO credit_entry (agency_id, insured_id, kind, ref, cents, payment_id, note, "by", booked_on, at)
SELECT e.agency_id,
    (SELECT i.insured_id FROM claim c JOIN invoice i ON i.id = c.invoice_id AND i.agency_id = c.agency_id
     WHERE c.agency_id = e.agency_id AND c.payment_id = p.id ORDER BY c.invoice_id LIMIT 1),
    e.kind, e.ref, SUM(l.credit_cents - l.debit_cents), p.id, '', '', e.booked_on, e.posted_at
FROM journal_entry e
JOIN journal_line l ON l.entry_id = e.id AND l.agency_id = e.agency_id
JOIN payment p ON CAST(p.id AS VARCHAR) = e.ref AND p.agency_id = e.agency_id
WHERE e.agency_id = :agency_id AND l.account = 'customer_credit' AND e.kind IN ('charge', 'check_bounced')
GROUP BY e.agency_id, e.id, e.kind, e.ref, p.id, e.booked_on, e.posted_at
ORDER BY e.id
"""


def downgrade() -> None:
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.drop_column('taken_back_cents')
    for table in ('refund_part', 'credit_entry', 'dispute_movement', 'refund', 'dispute'):
        op.drop_table(table)
