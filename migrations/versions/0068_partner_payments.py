"""which partner a payment is of, what its users have ticked to pay, and an index that adds up what it owes

Revision ID: 0068
Revises: 0057
"""

import sqlalchemy as sa
from alembic import op

revision = '0068'
down_revision = '0057'
branch_labels = None
depends_on = None

OF_PARTNER = sa.text('partner_id IS NOT NULL')


def _index_invoices(*columns: str) -> None:
    op.drop_index('ix_invoice_partner', table_name='invoice', postgresql_where=OF_PARTNER, sqlite_where=OF_PARTNER)
    op.create_index('ix_invoice_partner', 'invoice', list(columns), unique=False, postgresql_where=OF_PARTNER, sqlite_where=OF_PARTNER)


def upgrade() -> None:
    with op.batch_alter_table('payment') as batch_op:
        batch_op.add_column(sa.Column('partner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_index('ix_payment_partner', ['agency_id', 'partner_id', 'created_at'], unique=False, postgresql_where=OF_PARTNER, sqlite_where=OF_PARTNER)
        batch_op.create_foreign_key(batch_op.f('fk_payment_agency_id_partner_id'), 'partner', ['agency_id', 'partner_id'], ['agency_id', 'id'], ondelete='RESTRICT')

    with op.batch_alter_table('partner_user') as batch_op:
        batch_op.add_column(sa.Column('ticked', sa.String(), server_default='', nullable=False))

    _index_invoices('agency_id', 'partner_id', 'state', 'due_date', 'id', 'open_cents')


def downgrade() -> None:
    _index_invoices('agency_id', 'partner_id', 'state', 'due_date')

    with op.batch_alter_table('partner_user') as batch_op:
        batch_op.drop_column('ticked')

    with op.batch_alter_table('payment') as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_payment_agency_id_partner_id'), type_='foreignkey')
        batch_op.drop_index('ix_payment_partner', postgresql_where=OF_PARTNER, sqlite_where=OF_PARTNER)
        batch_op.drop_column('partner_id')
