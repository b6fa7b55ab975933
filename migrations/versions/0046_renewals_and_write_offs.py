"""renewals of programs, and what is written off of invoices

Revision ID: 0046
Revises: 0032c
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0046'
down_revision = '0032c'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('renewal',
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('renewed_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('program_id <> renewed_id', name=op.f('ck_renewal_two')),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_renewal_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'renewed_id'], ['program.agency_id', 'program.id'], name=op.f('fk_renewal_agency_id_renewed_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_renewal_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_renewal')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_renewal_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'program_id', name=op.f('uq_renewal_agency_id_program_id')),
    sa.UniqueConstraint('agency_id', 'renewed_id', name=op.f('uq_renewal_agency_id_renewed_id'))
    )
    op.create_table('write_off',
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('booked_on', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_write_off_amount')),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_write_off_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_write_off_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_write_off')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_write_off_agency_id_id'))
    )
    op.create_index('ix_write_off_invoice', 'write_off', ['agency_id', 'invoice_id'], unique=False)
    guard("renewal", "write_off")


def downgrade() -> None:
    unguard("write_off", "renewal")
    op.drop_table('write_off')
    op.drop_table('renewal')
