"""payments with saved methods

Revision ID: 0005b
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0005b'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('method_use',
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('payment_method_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('customer_id', sa.String(), nullable=False),
    sa.Column('saves', sa.Boolean(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('saves <> (payment_method_id IS NOT NULL)', name=op.f('ck_method_use_one_of_both')),
    sa.ForeignKeyConstraint(['agency_id', 'payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_method_use_agency_id_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'payment_method_id'], ['payment_method.agency_id', 'payment_method.id'], name=op.f('fk_method_use_agency_id_payment_method_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_method_use_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_method_use')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_method_use_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'payment_id', name=op.f('uq_method_use_agency_id_payment_id'))
    )
    with op.batch_alter_table('method_use', schema=None) as batch_op:
        batch_op.create_index('ix_method_use_method', ['agency_id', 'payment_method_id'], unique=False)
    guard("method_use")


def downgrade() -> None:
    unguard("method_use")
    op.drop_table('method_use')
