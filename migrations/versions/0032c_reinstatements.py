"""reinstatements of canceled programs

Revision ID: 0032c
Revises: 0032b
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0032c'
down_revision = '0032b'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('reinstatement',
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('loan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('through', sa.Date(), nullable=False),
    sa.Column('past_due_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('fee_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('offered_on', sa.Date(), nullable=False),
    sa.Column('offered_by', sa.String(), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_for', sa.String(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("closed_for IN ('paid', 'lapsed', 'withdrawn')", name=op.f('ck_reinstatement_closed_for')),
    sa.CheckConstraint('(closed_at IS NULL) = (closed_for IS NULL)', name=op.f('ck_reinstatement_closed')),
    sa.CheckConstraint('past_due_cents > 0 AND fee_cents >= 0', name=op.f('ck_reinstatement_figures')),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_reinstatement_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'loan_id'], ['loan.agency_id', 'loan.id'], name=op.f('fk_reinstatement_agency_id_loan_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_reinstatement_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_reinstatement_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reinstatement')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_reinstatement_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'invoice_id', name=op.f('uq_reinstatement_agency_id_invoice_id'))
    )
    op.create_index('ix_reinstatement_live', 'reinstatement', ['agency_id', 'program_id'], unique=True, postgresql_where=sa.text('closed_at IS NULL'), sqlite_where=sa.text('closed_at IS NULL'))
    op.create_index('ix_reinstatement_program', 'reinstatement', ['agency_id', 'program_id'], unique=False)

    op.add_column('late_settings', sa.Column('reinstatement_fee_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False))
    guard("reinstatement")


def downgrade() -> None:
    unguard("reinstatement")
    with op.batch_alter_table('late_settings') as batch_op:
        batch_op.drop_column('reinstatement_fee_cents')
    op.drop_table('reinstatement')
