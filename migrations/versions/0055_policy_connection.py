"""the connection to BindHQ, its mappings and its webhooks

Revision ID: 0055
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0055'
down_revision = '0044'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('policy_connection',
    sa.Column('is_enabled', sa.Boolean(), nullable=False),
    sa.Column('base_url', sa.String(), nullable=False),
    sa.Column('client_code', sa.String(), nullable=False),
    sa.Column('api_key', sa.String(), nullable=False),
    sa.Column('auth_header', sa.String(), nullable=False),
    sa.Column('auth_prefix', sa.String(), nullable=False),
    sa.Column('webhook_secrets', sa.String(), nullable=False),
    sa.Column('bank_account_id', sa.String(), nullable=False),
    sa.Column('bank_account_name', sa.String(), nullable=False),
    sa.Column('sends_link', sa.Boolean(), nullable=False),
    sa.Column('sends_offline_receipts', sa.Boolean(), nullable=False),
    sa.Column('strict_surplus_lines', sa.Boolean(), nullable=False),
    sa.Column('cursor', sa.String(), nullable=True),
    sa.Column('polled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('wake_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agencies_synced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('swept_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trouble_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trouble', sa.String(), nullable=False),
    sa.Column('agency_id', KEY, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_policy_connection_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_connection')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_policy_connection_agency_id_id')),
    sa.UniqueConstraint('agency_id', name=op.f('uq_policy_connection_agency_id'))
    )
    op.create_table('policy_event',
    sa.Column('event_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', KEY, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_policy_event_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_event')),
    sa.UniqueConstraint('agency_id', 'event_id', name=op.f('uq_policy_event_agency_id_event_id')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_policy_event_agency_id_id'))
    )
    op.create_table('policy_mapping',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('external_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('our_code', sa.String(), nullable=False),
    sa.Column('our_name', sa.String(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', KEY, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.CheckConstraint("kind IN ('coverage', 'carrier', 'marketing_company', 'agency')", name=op.f('ck_policy_mapping_kind')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_policy_mapping_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_mapping')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_policy_mapping_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'kind', 'external_id', name=op.f('uq_policy_mapping_agency_id_kind_external_id'))
    )
    op.create_table('policy_insured',
    sa.Column('external_id', sa.String(), nullable=False),
    sa.Column('insured_id', KEY, nullable=False),
    sa.Column('agency_id', KEY, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'insured_id'], ['insured.agency_id', 'insured.id'], name=op.f('fk_policy_insured_agency_id_insured_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_policy_insured_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_insured')),
    sa.UniqueConstraint('agency_id', 'external_id', name=op.f('uq_policy_insured_agency_id_external_id')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_policy_insured_agency_id_id'))
    )
    op.create_index('ix_policy_insured_insured', 'policy_insured', ['agency_id', 'insured_id'], unique=False)
    guard("policy_connection", "policy_event", "policy_mapping", "policy_insured")


def downgrade() -> None:
    unguard("policy_insured", "policy_mapping", "policy_event", "policy_connection")
    op.drop_table('policy_insured')
    op.drop_table('policy_mapping')
    op.drop_table('policy_event')
    op.drop_table('policy_connection')
