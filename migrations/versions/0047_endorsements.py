"""endorsements, and premium that comes back

Revision ID: 0047
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0047'
down_revision = '0041'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('endorsement',
    sa.Column('program_id', KEY, nullable=False),
    sa.Column('policy_id', KEY, nullable=False),
    sa.Column('request_key', sa.String(), nullable=False),
    sa.Column('way', sa.String(), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('premium_cents', KEY, nullable=False),
    sa.Column('taxes_cents', KEY, nullable=False),
    sa.Column('surplus_lines_tax_cents', KEY, nullable=False),
    sa.Column('fees_cents', KEY, nullable=False),
    sa.Column('entered_by', sa.String(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agency_id', KEY, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.CheckConstraint('confirmed_at IS NULL OR withdrawn_at IS NULL', name=op.f('ck_endorsement_ends_once')),
    sa.CheckConstraint('premium_cents >= 0 AND taxes_cents >= 0 AND surplus_lines_tax_cents >= 0 AND fees_cents >= 0', name=op.f('ck_endorsement_amounts')),
    sa.CheckConstraint("way IN ('invoice', 'spread', 'credit')", name=op.f('ck_endorsement_way')),
    sa.ForeignKeyConstraint(['agency_id', 'policy_id'], ['policy.agency_id', 'policy.id'], name=op.f('fk_endorsement_agency_id_policy_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_endorsement_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_endorsement_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_endorsement')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_endorsement_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'request_key', name=op.f('uq_endorsement_agency_id_request_key'))
    )
    op.create_index('ix_endorsement_program', 'endorsement', ['agency_id', 'program_id'], unique=False)
    op.create_table('premium_return',
    sa.Column('program_id', KEY, nullable=False),
    sa.Column('endorsement_id', KEY, nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('returned_cents', KEY, nullable=False),
    sa.Column('loan_cents', KEY, nullable=False),
    sa.Column('invoices_cents', KEY, nullable=False),
    sa.Column('credit_cents', KEY, nullable=False),
    sa.Column('balance_cents', KEY, nullable=False),
    sa.Column('balance_invoice_id', KEY, nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('booked_on', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', KEY, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.CheckConstraint("(reason = 'endorsement') = (endorsement_id IS NOT NULL)", name=op.f('ck_premium_return_endorsement')),
    sa.CheckConstraint('(balance_cents > 0) = (balance_invoice_id IS NOT NULL)', name=op.f('ck_premium_return_balance')),
    sa.CheckConstraint("reason IN ('endorsement', 'flat', 'pro_rata', 'short_rate')", name=op.f('ck_premium_return_reason')),
    sa.CheckConstraint('returned_cents + balance_cents = loan_cents + invoices_cents + credit_cents', name=op.f('ck_premium_return_goes')),
    sa.ForeignKeyConstraint(['agency_id', 'balance_invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_premium_return_agency_id_balance_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'endorsement_id'], ['endorsement.agency_id', 'endorsement.id'], name=op.f('fk_premium_return_agency_id_endorsement_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_premium_return_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_premium_return_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_premium_return')),
    sa.UniqueConstraint('agency_id', 'endorsement_id', name=op.f('uq_premium_return_agency_id_endorsement_id')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_premium_return_agency_id_id'))
    )
    op.create_index('ix_premium_return_program', 'premium_return', ['agency_id', 'program_id'], unique=False)
    op.create_table('policy_return',
    sa.Column('premium_return_id', KEY, nullable=False),
    sa.Column('policy_id', KEY, nullable=False),
    sa.Column('is_cancelation', sa.Boolean(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('premium_cents', KEY, nullable=False),
    sa.Column('commission_cents', KEY, nullable=False),
    sa.Column('taxes_cents', KEY, nullable=False),
    sa.Column('fees_cents', KEY, nullable=False),
    sa.Column('agency_id', KEY, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.CheckConstraint('commission_cents >= 0 AND commission_cents <= premium_cents', name=op.f('ck_policy_return_commission')),
    sa.CheckConstraint('premium_cents >= 0 AND taxes_cents >= 0 AND fees_cents >= 0', name=op.f('ck_policy_return_amounts')),
    sa.ForeignKeyConstraint(['agency_id', 'policy_id'], ['policy.agency_id', 'policy.id'], name=op.f('fk_policy_return_agency_id_policy_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'premium_return_id'], ['premium_return.agency_id', 'premium_return.id'], name=op.f('fk_policy_return_agency_id_premium_return_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_policy_return_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_return')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_policy_return_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'premium_return_id', 'policy_id', name=op.f('uq_policy_return_agency_id_premium_return_id_policy_id'))
    )
    op.create_index('ix_policy_return_policy', 'policy_return', ['agency_id', 'policy_id'], unique=False)
    op.create_index('ix_policy_return_canceled', 'policy_return', ['agency_id', 'policy_id'], unique=True, postgresql_where=sa.text('is_cancelation'), sqlite_where=sa.text('is_cancelation'))
    guard("endorsement", "premium_return", "policy_return")


def downgrade() -> None:
    unguard("policy_return", "premium_return", "endorsement")
    op.drop_table('policy_return')
    op.drop_table('premium_return')
    op.drop_table('endorsement')
