"""which invoice an endorsement from BindHQ became

Revision ID: 0065
Revises: 0064
"""

import sqlalchemy as sa
from alembic import op

revision = '0065'
down_revision = '0064'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table('policy_import') as batch:
        batch.add_column(sa.Column('invoice_id', KEY, nullable=True))
        batch.create_foreign_key(
            op.f('fk_policy_import_agency_id_invoice_id'), 'invoice', ['agency_id', 'invoice_id'], ['agency_id', 'id'],
            ondelete='RESTRICT',
        )


def downgrade() -> None:
    with op.batch_alter_table('policy_import') as batch:
        batch.drop_constraint(op.f('fk_policy_import_agency_id_invoice_id'), type_='foreignkey')
        batch.drop_column('invoice_id')
