"""merges of partners, with what moved

Revision ID: 0066
Revises: 0054
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0066'
down_revision = '0054'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('partner_merge',
    sa.Column('kept_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('gone_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('merged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('moved', sa.JSON(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by', sa.String(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('kept_id <> gone_id', name=op.f('ck_partner_merge_two')),
    sa.ForeignKeyConstraint(['agency_id', 'gone_id'], ['partner.agency_id', 'partner.id'], name=op.f('fk_partner_merge_agency_id_gone_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'kept_id'], ['partner.agency_id', 'partner.id'], name=op.f('fk_partner_merge_agency_id_kept_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_partner_merge_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_merge')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_partner_merge_agency_id_id'))
    )
    with op.batch_alter_table('partner_merge') as batch_op:
        batch_op.create_index('ix_partner_merge_at', ['agency_id', 'merged_at'], unique=False)
        batch_op.create_index('ix_partner_merge_gone', ['agency_id', 'gone_id'], unique=True, postgresql_where=sa.text('undone_at IS NULL'), sqlite_where=sa.text('undone_at IS NULL'))

    guard('partner_merge')


def downgrade() -> None:
    unguard('partner_merge')
    with op.batch_alter_table('partner_merge') as batch_op:
        batch_op.drop_index('ix_partner_merge_gone', postgresql_where=sa.text('undone_at IS NULL'), sqlite_where=sa.text('undone_at IS NULL'))
        batch_op.drop_index('ix_partner_merge_at')

    op.drop_table('partner_merge')
