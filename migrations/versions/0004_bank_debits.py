"""bank debits: whether an agency takes them, the method of a payment, and what payers have authorized

Revision ID: 0004
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard
from migrations.written_once import write_once

revision = '0004'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('agency', sa.Column('takes_bank_debits', sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column('payment', sa.Column('method_fingerprint', sa.String(), server_default='', nullable=False))
    op.add_column('payment', sa.Column('method_ref', sa.String(), nullable=True))
    op.create_table('mandate',
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('version', sa.String(), nullable=False),
    sa.Column('locale', sa.String(), nullable=False),
    sa.Column('agreed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ip_address', sa.String(), nullable=False),
    sa.Column('browser', sa.String(), nullable=False),
    sa.Column('method_kind', sa.String(), nullable=False),
    sa.Column('method_brand', sa.String(), nullable=False),
    sa.Column('method_last4', sa.String(), nullable=False),
    sa.Column('method_fingerprint', sa.String(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_mandate_agency_id_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_mandate_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mandate')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_mandate_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'payment_id', name=op.f('uq_mandate_agency_id_payment_id'))
    )
    guard('mandate')
    write_once('mandate')


def downgrade() -> None:
    op.drop_table('mandate')
    op.drop_column('payment', 'method_ref')
    op.drop_column('payment', 'method_fingerprint')
    op.drop_column('agency', 'takes_bank_debits')
