"""commissions of partners on direct bill, the agency's rules for partners, and lines of the books by their policy

Revision ID: 0063
Revises: 0062
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0063'
down_revision = '0062'
branch_labels = None
depends_on = None

TABLES = ('commission', 'partner_settings')


def upgrade() -> None:
    op.create_table('partner_settings',
    sa.Column('claws_back', sa.Boolean(), nullable=False),
    sa.Column('statement_day', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mails_statements', sa.Boolean(), nullable=False),
    sa.Column('overdue_weekday', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('accrued_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('proposed_on', sa.Date(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('overdue_weekday BETWEEN 0 AND 6', name=op.f('ck_partner_settings_overdue_weekday')),
    sa.CheckConstraint('statement_day BETWEEN 1 AND 28', name=op.f('ck_partner_settings_statement_day')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_partner_settings_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_settings')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_partner_settings_agency_id_id')),
    sa.UniqueConstraint('agency_id', name=op.f('uq_partner_settings_agency_id'))
    )
    op.create_table('commission',
    sa.Column('partner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('policy_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('premium_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('rate', sa.BigInteger(), nullable=False),
    sa.Column('cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kept_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('settled_on', sa.Date(), nullable=False),
    sa.Column('payable_on', sa.Date(), nullable=False),
    sa.Column('accrued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('rate >= 0', name=op.f('ck_commission_rate')),
    sa.ForeignKeyConstraint(['agency_id', 'entry_id'], ['journal_entry.agency_id', 'journal_entry.id'], name=op.f('fk_commission_agency_id_entry_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'partner_id'], ['partner.agency_id', 'partner.id'], name=op.f('fk_commission_agency_id_partner_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'policy_id'], ['policy.agency_id', 'policy.id'], name=op.f('fk_commission_agency_id_policy_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_commission_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commission')),
    sa.UniqueConstraint('agency_id', 'entry_id', 'policy_id', name=op.f('uq_commission_agency_id_entry_id_policy_id')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_commission_agency_id_id'))
    )
    with op.batch_alter_table('commission') as batch_op:
        batch_op.create_index('ix_commission_partner', ['agency_id', 'partner_id', 'payable_on'], unique=False)
        batch_op.create_index('ix_commission_policy', ['agency_id', 'policy_id'], unique=False)

    op.create_index('ix_journal_line_policy', 'journal_line', ['agency_id', 'policy_id'], unique=False, postgresql_where=sa.text('policy_id IS NOT NULL'), sqlite_where=sa.text('policy_id IS NOT NULL'))
    guard(*TABLES)


def downgrade() -> None:
    unguard(*TABLES)
    op.drop_index('ix_journal_line_policy', 'journal_line', postgresql_where=sa.text('policy_id IS NOT NULL'), sqlite_where=sa.text('policy_id IS NOT NULL'))

    with op.batch_alter_table('commission') as batch_op:
        batch_op.drop_index('ix_commission_policy')
        batch_op.drop_index('ix_commission_partner')

    op.drop_table('commission')
    op.drop_table('partner_settings')
