"""what came in from BindHQ: records, attempts, runs

Revision ID: 0056
Revises: 0055
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0056'
down_revision = '0055'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('policy_import',
    sa.Column('object_type', sa.String(), nullable=False),
    sa.Column('object_id', sa.String(), nullable=False),
    sa.Column('parent_id', sa.String(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('asked', KEY, nullable=False),
    sa.Column('worked', KEY, nullable=False),
    sa.Column('news', sa.JSON(), nullable=False),
    sa.Column('version', KEY, nullable=False),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.Column('failures', sa.JSON(), nullable=False),
    sa.Column('payload', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('search_key', sa.String(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', KEY, nullable=False),
    sa.Column('unanswered', KEY, nullable=False),
    sa.Column('is_quiet', sa.Boolean(), nullable=False),
    sa.Column('waits_for_debit', sa.Boolean(), nullable=False),
    sa.Column('program_id', KEY, nullable=True),
    sa.Column('policy_id', KEY, nullable=True),
    sa.Column('endorsement_id', KEY, nullable=True),
    sa.Column('heard_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agency_id', KEY, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.CheckConstraint("object_type IN ('policy', 'endorsement', 'agency', 'user')", name=op.f('ck_policy_import_object_type')),
    sa.CheckConstraint("state IN ('queued', 'processing', 'imported', 'failed', 'ignored', 'voided')", name=op.f('ck_policy_import_state')),
    sa.ForeignKeyConstraint(['agency_id', 'endorsement_id'], ['endorsement.agency_id', 'endorsement.id'], name=op.f('fk_policy_import_agency_id_endorsement_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'policy_id'], ['policy.agency_id', 'policy.id'], name=op.f('fk_policy_import_agency_id_policy_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id', 'program_id'], ['program.agency_id', 'program.id'], name=op.f('fk_policy_import_agency_id_program_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_policy_import_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_import')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_policy_import_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'object_type', 'object_id', name=op.f('uq_policy_import_agency_id_object_type_object_id'))
    )
    op.create_index('ix_policy_import_due', 'policy_import', ['agency_id', 'lease_until'], unique=False, postgresql_where=sa.text("state IN ('queued', 'processing')"), sqlite_where=sa.text("state IN ('queued', 'processing')"))
    op.create_index('ix_policy_import_parent', 'policy_import', ['agency_id', 'parent_id'], unique=False)
    op.create_index('ix_policy_import_program', 'policy_import', ['agency_id', 'program_id'], unique=False)
    op.create_index('ix_policy_import_state', 'policy_import', ['agency_id', 'state', 'id'], unique=False)
    op.create_index('ix_policy_import_waits', 'policy_import', ['agency_id'], unique=False, postgresql_where=sa.text('waits_for_debit'), sqlite_where=sa.text('waits_for_debit'))
    op.create_table('policy_import_attempt',
    sa.Column('record_id', KEY, nullable=False),
    sa.Column('trigger', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('version', KEY, nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('failures', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', KEY, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'record_id'], ['policy_import.agency_id', 'policy_import.id'], name=op.f('fk_policy_import_attempt_agency_id_record_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_policy_import_attempt_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_import_attempt')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_policy_import_attempt_agency_id_id'))
    )
    op.create_index('ix_policy_import_attempt_record', 'policy_import_attempt', ['agency_id', 'record_id'], unique=False)
    op.create_table('policy_sync_run',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('errors', sa.JSON(), nullable=False),
    sa.Column('cursor', sa.String(), nullable=True),
    sa.Column('agency_id', KEY, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_policy_sync_run_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_sync_run')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_policy_sync_run_agency_id_id'))
    )
    op.create_index('ix_policy_sync_run_kind', 'policy_sync_run', ['agency_id', 'kind', 'started_at'], unique=False)
    guard("policy_import", "policy_import_attempt", "policy_sync_run")


def downgrade() -> None:
    unguard("policy_sync_run", "policy_import_attempt", "policy_import")
    op.drop_table('policy_sync_run')
    op.drop_table('policy_import_attempt')
    op.drop_table('policy_import')
