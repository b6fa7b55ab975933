"""lists of carriers, wholesalers and coverage types; policies and insureds are found by number and name

Revision ID: 0043
Revises: 0049
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0043'
down_revision = '0049'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('list_entry',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('is_offered', sa.Boolean(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_list_entry_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_list_entry')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_list_entry_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'kind', 'key', name=op.f('uq_list_entry_agency_id_kind_key'))
    )
    guard('list_entry')
    op.create_index('ix_policy_number', 'policy', ['agency_id', 'policy_number'])
    op.create_index('ix_insured_name', 'insured', ['agency_id', 'name'])


def downgrade() -> None:
    op.drop_index('ix_insured_name', 'insured')
    op.drop_index('ix_policy_number', 'policy')
    unguard('list_entry')
    op.drop_table('list_entry')
