"""reminders: settings, what was decided, payment links that staff send, dead addresses

Revision ID: 0031
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0031'
down_revision = '0033'
branch_labels = None
depends_on = None

TABLES = ("dead_address", "reminder_settings", "link_sequence", "reminder", "reminder_step")


def upgrade() -> None:
    op.create_table('dead_address',
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('answer', sa.String(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_dead_address_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dead_address')),
    sa.UniqueConstraint('agency_id', 'email', name=op.f('uq_dead_address_agency_id_email')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_dead_address_agency_id_id'))
    )
    op.create_table('reminder_settings',
    sa.Column('hour', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('steps', sa.JSON(), nullable=False),
    sa.Column('changed_on', sa.Date(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_reminder_settings_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder_settings')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_reminder_settings_agency_id_id')),
    sa.UniqueConstraint('agency_id', name=op.f('uq_reminder_settings_agency_id'))
    )
    op.create_table('link_sequence',
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('days', sa.String(), nullable=False),
    sa.Column('due_until', sa.Date(), nullable=False),
    sa.Column('started_by', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_why', sa.String(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("ended_why IN ('settled', 'stopped', 'sent')", name=op.f('ck_link_sequence_ended_why')),
    sa.CheckConstraint('(program_id IS NULL) <> (invoice_id IS NULL)', name=op.f('ck_link_sequence_one_target')),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_link_sequence_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_link_sequence_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_link_sequence_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link_sequence')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_link_sequence_agency_id_id'))
    )
    with op.batch_alter_table('link_sequence', schema=None) as batch_op:
        batch_op.create_index('ix_link_sequence_invoice', ['agency_id', 'invoice_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))
        batch_op.create_index('ix_link_sequence_program', ['agency_id', 'program_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))

    op.create_table('reminder',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('program_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('sequence_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('addresses', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('dropped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dropped_why', sa.String(), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("kind IN ('upcoming', 'overdue', 'link', 'by_hand')", name=op.f('ck_reminder_kind')),
    sa.CheckConstraint('(program_id IS NULL) <> (invoice_id IS NULL)', name=op.f('ck_reminder_one_target')),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_reminder_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_reminder_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'sequence_id'], ['link_sequence.agency_id', 'link_sequence.id'], name=op.f('fk_reminder_agency_id_sequence_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_reminder_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_reminder_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'key', name=op.f('uq_reminder_agency_id_key'))
    )
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.create_index('ix_reminder_day', ['agency_id', 'day'], unique=False)
        batch_op.create_index('ix_reminder_invoice', ['agency_id', 'invoice_id'], unique=False)
        batch_op.create_index('ix_reminder_link', ['agency_id', 'sequence_id', 'number'], unique=True, postgresql_where=sa.text('sequence_id IS NOT NULL'), sqlite_where=sa.text('sequence_id IS NOT NULL'))
        batch_op.create_index('ix_reminder_program', ['agency_id', 'program_id'], unique=False)

    op.create_table('reminder_step',
    sa.Column('reminder_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('due_date', sa.Date(), nullable=False),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'invoice_id'], ['invoice.agency_id', 'invoice.id'], name=op.f('fk_reminder_step_agency_id_invoice_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'reminder_id'], ['reminder.agency_id', 'reminder.id'], name=op.f('fk_reminder_step_agency_id_reminder_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_reminder_step_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder_step')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_reminder_step_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'invoice_id', 'due_date', 'step', name=op.f('uq_reminder_step_agency_id_invoice_id_due_date_step'))
    )
    with op.batch_alter_table('reminder_step', schema=None) as batch_op:
        batch_op.create_index('ix_reminder_step_reminder', ['agency_id', 'reminder_id'], unique=False)

    guard(*TABLES)


def downgrade() -> None:
    unguard(*TABLES)
    with op.batch_alter_table('reminder_step', schema=None) as batch_op:
        batch_op.drop_index('ix_reminder_step_reminder')

    op.drop_table('reminder_step')
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.drop_index('ix_reminder_program')
        batch_op.drop_index('ix_reminder_link', postgresql_where=sa.text('sequence_id IS NOT NULL'), sqlite_where=sa.text('sequence_id IS NOT NULL'))
        batch_op.drop_index('ix_reminder_invoice')
        batch_op.drop_index('ix_reminder_day')

    op.drop_table('reminder')
    with op.batch_alter_table('link_sequence', schema=None) as batch_op:
        batch_op.drop_index('ix_link_sequence_program', postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index('ix_link_sequence_invoice', postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))

    op.drop_table('link_sequence')
    op.drop_table('reminder_settings')
    op.drop_table('dead_address')
