"""notices of intent to cancel, and what an agency has set about them

Revision ID: 0032b
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0032b'
down_revision = '0034'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('cancel_notice',
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('loan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('through', sa.Date(), nullable=False),
    sa.Column('past_due_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('us_state', sa.String(), nullable=False),
    sa.Column('days', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mailing_days', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('by_post', sa.Boolean(), nullable=False),
    sa.Column('text_version', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_by', sa.String(), nullable=True),
    sa.Column('mail_on', sa.Date(), nullable=True),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('document_hash', sa.String(), nullable=True),
    sa.Column('sent_on', sa.Date(), nullable=True),
    sa.Column('pay_by', sa.Date(), nullable=True),
    sa.Column('told_payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_for', sa.String(), nullable=True),
    sa.Column('closed_by', sa.String(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("closed_for IN ('paid', 'withdrawn', 'canceled')", name=op.f('ck_cancel_notice_closed_for')),
    sa.CheckConstraint('(closed_at IS NULL) = (closed_for IS NULL)', name=op.f('ck_cancel_notice_closed')),
    sa.CheckConstraint('(file_id IS NULL) = (document_hash IS NULL)', name=op.f('ck_cancel_notice_file')),
    sa.CheckConstraint('(sent_on IS NULL) = (pay_by IS NULL)', name=op.f('ck_cancel_notice_sent')),
    sa.CheckConstraint('past_due_cents > 0 AND days > 0 AND mailing_days >= 0', name=op.f('ck_cancel_notice_figures')),
    sa.CheckConstraint('sent_on IS NULL OR (confirmed_at IS NOT NULL AND file_id IS NOT NULL)', name=op.f('ck_cancel_notice_order')),
    sa.ForeignKeyConstraint(['agency_id', 'file_id'], ['stored_file.agency_id', 'stored_file.id'], name=op.f('fk_cancel_notice_agency_id_file_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'loan_id'], ['loan.agency_id', 'loan.id'], name=op.f('fk_cancel_notice_agency_id_loan_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_cancel_notice_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'told_payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_cancel_notice_agency_id_told_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_cancel_notice_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cancel_notice')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_cancel_notice_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'number', name=op.f('uq_cancel_notice_agency_id_number'))
    )
    op.create_index('ix_cancel_notice_live', 'cancel_notice', ['agency_id', 'program_id'], unique=True, postgresql_where=sa.text('closed_at IS NULL'), sqlite_where=sa.text('closed_at IS NULL'))
    op.create_index('ix_cancel_notice_program', 'cancel_notice', ['agency_id', 'program_id'], unique=False)

    op.add_column('late_settings', sa.Column('notices', sa.String(), server_default='ask', nullable=False))
    op.add_column('late_settings', sa.Column('notice_after_days', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='10', nullable=False))
    op.add_column('late_settings', sa.Column('notice_days', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='10', nullable=False))
    op.add_column('late_settings', sa.Column('mailing_days', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='5', nullable=False))
    op.add_column('late_settings', sa.Column('notices_by_post', sa.Boolean(), server_default=sa.false(), nullable=False))
    guard("cancel_notice")


def downgrade() -> None:
    unguard("cancel_notice")
    with op.batch_alter_table('late_settings') as batch_op:
        for name in ('notices_by_post', 'mailing_days', 'notice_days', 'notice_after_days', 'notices'):
            batch_op.drop_column(name)
    op.drop_table('cancel_notice')
