"""monthly statements of partners

Revision ID: 0064b
Revises: 0068
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0064b'
down_revision = '0068'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('partner_statement',
    sa.Column('partner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('drawn_for', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opening_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invoiced_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('paid_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('credited_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('closing_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('commission_opening_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('commission_accrued_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('commission_paid_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('commission_closing_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('closing_cents = opening_cents + invoiced_cents - paid_cents - credited_cents', name=op.f('ck_partner_statement_owed')),
    sa.CheckConstraint('commission_closing_cents = commission_opening_cents + commission_accrued_cents - commission_paid_cents', name=op.f('ck_partner_statement_commission')),
    sa.ForeignKeyConstraint(['agency_id', 'partner_id'], ['partner.agency_id', 'partner.id'], name=op.f('fk_partner_statement_agency_id_partner_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_partner_statement_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_statement')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_partner_statement_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'month', 'drawn_for', name=op.f('uq_partner_statement_agency_id_month_drawn_for'))
    )
    with op.batch_alter_table('partner_statement') as batch_op:
        batch_op.create_index('ix_partner_statement_partner', ['agency_id', 'partner_id', 'month'], unique=False)

    guard('partner_statement')


def downgrade() -> None:
    unguard('partner_statement')
    with op.batch_alter_table('partner_statement') as batch_op:
        batch_op.drop_index('ix_partner_statement_partner')

    op.drop_table('partner_statement')
