"""payoffs

Revision ID: 0012
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0012'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('loan_payoff',
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('loan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'loan_id'], ['loan.agency_id', 'loan.id'], name=op.f('fk_loan_payoff_agency_id_loan_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_loan_payoff_agency_id_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_loan_payoff_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_loan_payoff')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_loan_payoff_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'payment_id', name=op.f('uq_loan_payoff_agency_id_payment_id'))
    )
    guard("loan_payoff")


def downgrade() -> None:
    unguard("loan_payoff")
    op.drop_table("loan_payoff")
