"""documents and notes that staff keep with a program

Revision ID: 0042
Revises: 0047
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0042'
down_revision = '0047'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
TABLES = ('program_document', 'program_note')


def upgrade() -> None:
    op.create_table('program_document',
    sa.Column('program_id', BIG, nullable=False),
    sa.Column('file_id', BIG, nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('is_shared', sa.Boolean(), nullable=False),
    sa.Column('added_by', sa.String(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', BIG, nullable=False),
    sa.Column('id', BIG, nullable=False),
    sa.CheckConstraint("kind IN ('quote', 'binder', 'invoice', 'other')", name=op.f('ck_program_document_kind')),
    sa.ForeignKeyConstraint(['agency_id', 'file_id'], ['stored_file.agency_id', 'stored_file.id'], name=op.f('fk_program_document_agency_id_file_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_program_document_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_program_document_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_program_document')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_program_document_agency_id_id'))
    )
    op.create_index('ix_program_document_program', 'program_document', ['agency_id', 'program_id'])
    op.create_table('program_note',
    sa.Column('program_id', BIG, nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('written_by', sa.String(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', BIG, nullable=False),
    sa.Column('id', BIG, nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_program_note_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_program_note_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_program_note')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_program_note_agency_id_id'))
    )
    op.create_index('ix_program_note_program', 'program_note', ['agency_id', 'program_id'])
    guard(*TABLES)


def downgrade() -> None:
    unguard(*TABLES)
    op.drop_index('ix_program_note_program', 'program_note')
    op.drop_table('program_note')
    op.drop_index('ix_program_document_program', 'program_document')
    op.drop_table('program_document')
