"""pictures of checks, and the part payments that an agency takes

Revision ID: 0008
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0008'
down_revision = '0004'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
LIMITS = ('part_least_cents', 'part_least_basis_points', 'part_most_cents', 'part_most_basis_points')


def upgrade() -> None:
    op.create_table('stored_file',
    sa.Column('token', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('content_type', sa.String(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', BIG, nullable=False),
    sa.Column('id', BIG, nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_stored_file_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_file')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_stored_file_agency_id_id')),
    sa.UniqueConstraint('token', name=op.f('uq_stored_file_token'))
    )
    op.create_table('check_image',
    sa.Column('payment_id', BIG, nullable=False),
    sa.Column('file_id', BIG, nullable=False),
    sa.Column('agency_id', BIG, nullable=False),
    sa.Column('id', BIG, nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'file_id'], ['stored_file.agency_id', 'stored_file.id'], name=op.f('fk_check_image_agency_id_file_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'payment_id'], ['payment.agency_id', 'payment.id'], name=op.f('fk_check_image_agency_id_payment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_check_image_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_image')),
    sa.UniqueConstraint('agency_id', 'file_id', name=op.f('uq_check_image_agency_id_file_id')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_check_image_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'payment_id', name=op.f('uq_check_image_agency_id_payment_id'))
    )
    guard('stored_file', 'check_image')
    op.add_column('agency', sa.Column('part_payments', sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in LIMITS:
        op.add_column('agency', sa.Column(name, BIG, nullable=False, server_default='0'))


def downgrade() -> None:
    for name in reversed(LIMITS):
        op.drop_column('agency', name)
    op.drop_column('agency', 'part_payments')
    unguard('check_image', 'stored_file')
    op.drop_table('check_image')
    op.drop_table('stored_file')
