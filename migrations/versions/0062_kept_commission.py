"""what a partner keeps of agency bill; credits of partners

Revision ID: 0062
Revises: 0066
"""

import sqlalchemy as sa
from alembic import op

revision = '0062'
down_revision = '0066'
branch_labels = None
depends_on = None

CENTS = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
KEPT = {
    'invoice': 'kept_cents >= 0 AND (kept_cents = 0 OR partner_id IS NOT NULL)',
    'invoice_line': 'kept_cents >= 0 AND kept_cents <= amount_cents',
    'policy_return': 'kept_cents >= 0 AND kept_cents <= premium_cents',
}


def upgrade() -> None:
    for table, rule in KEPT.items():
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column('kept_cents', CENTS, server_default='0', nullable=False))
            batch_op.create_check_constraint(batch_op.f(f'ck_{table}_kept'), rule)

    with op.batch_alter_table('credit_entry') as batch_op:
        batch_op.add_column(sa.Column('partner_id', CENTS, nullable=True))
        batch_op.create_index('ix_credit_entry_partner', ['agency_id', 'partner_id'], unique=False, postgresql_where=sa.text('partner_id IS NOT NULL'), sqlite_where=sa.text('partner_id IS NOT NULL'))
        batch_op.create_foreign_key(batch_op.f('fk_credit_entry_agency_id_partner_id'), 'partner', ['agency_id', 'partner_id'], ['agency_id', 'id'], ondelete='RESTRICT')
        batch_op.create_check_constraint(batch_op.f('ck_credit_entry_one_owner'), 'insured_id IS NULL OR partner_id IS NULL')


def downgrade() -> None:
    with op.batch_alter_table('credit_entry') as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_credit_entry_one_owner'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_credit_entry_agency_id_partner_id'), type_='foreignkey')
        batch_op.drop_index('ix_credit_entry_partner', postgresql_where=sa.text('partner_id IS NOT NULL'), sqlite_where=sa.text('partner_id IS NOT NULL'))
        batch_op.drop_column('partner_id')

    for table in KEPT:
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_constraint(batch_op.f(f'ck_{table}_kept'), type_='check')
            batch_op.drop_column('kept_cents')
