"""one-time payments that staff ask for: one, or several on a schedule

Revision ID: 0049
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0049'
down_revision = '0040'
branch_labels = None
depends_on = None

TABLES = ("one_time_plan", "one_time_part")


def upgrade() -> None:
    op.create_table('one_time_plan',
    sa.Column('request_key', sa.String(), nullable=False),
    sa.Column('payments', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_one_time_plan_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_plan')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_one_time_plan_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'request_key', name=op.f('uq_one_time_plan_agency_id_request_key'))
    )
    op.create_table('one_time_part',
    sa.Column('plan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_one_time_part_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'plan_id'], ['one_time_plan.agency_id', 'one_time_plan.id'], name=op.f('fk_one_time_part_agency_id_plan_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_one_time_part_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_part')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_one_time_part_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'invoice_id', name=op.f('uq_one_time_part_agency_id_invoice_id')),
    sa.UniqueConstraint('agency_id', 'plan_id', 'number', name=op.f('uq_one_time_part_agency_id_plan_id_number'))
    )
    guard(*TABLES)


def downgrade() -> None:
    unguard(*TABLES)
    op.drop_table('one_time_part')
    op.drop_table('one_time_plan')
