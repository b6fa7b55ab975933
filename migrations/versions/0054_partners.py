"""partners, their users and their names elsewhere; who pays agency bill, who receives commission

Revision ID: 0054
Revises: 0056
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0054'
down_revision = '0056'
branch_labels = None
depends_on = None

TABLES = ('partner', 'partner_reference', 'partner_user')


def upgrade() -> None:
    op.create_table('partner',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('address_line1', sa.String(), nullable=False),
    sa.Column('address_line2', sa.String(), nullable=False),
    sa.Column('city', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('postal_code', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('contact_first_name', sa.String(), nullable=False),
    sa.Column('contact_last_name', sa.String(), nullable=False),
    sa.Column('contact_email', sa.String(), nullable=False),
    sa.Column('bills_agency', sa.Boolean(), nullable=False),
    sa.Column('due_days', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kept_commission_rate', sa.BigInteger(), nullable=True),
    sa.Column('bills_direct', sa.Boolean(), nullable=False),
    sa.Column('commission_rate', sa.BigInteger(), nullable=True),
    sa.Column('payout_schedule', sa.String(), nullable=False),
    sa.Column('settlement_days', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('merged_into_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("kind IN ('retail', 'wholesale')", name=op.f('ck_partner_kind')),
    sa.CheckConstraint("payout_schedule IN ('daily', 'weekly', 'biweekly', 'monthly')", name=op.f('ck_partner_payout_schedule')),
    sa.CheckConstraint('due_days >= 0 AND settlement_days >= 0', name=op.f('ck_partner_days')),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_partner_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_partner_agency_id_id'))
    )
    with op.batch_alter_table('partner') as batch_op:
        batch_op.create_index('ix_partner_merged', ['agency_id', 'merged_into_id'], unique=False, postgresql_where=sa.text('merged_into_id IS NOT NULL'), sqlite_where=sa.text('merged_into_id IS NOT NULL'))
        batch_op.create_index('ix_partner_name', ['agency_id', 'name'], unique=False)

    op.create_table('partner_reference',
    sa.Column('partner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('system', sa.String(), nullable=False),
    sa.Column('external_id', sa.String(), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id', 'partner_id'], ['partner.agency_id', 'partner.id'], name=op.f('fk_partner_reference_agency_id_partner_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_partner_reference_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_reference')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_partner_reference_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'system', 'external_id', name=op.f('uq_partner_reference_agency_id_system_external_id'))
    )
    with op.batch_alter_table('partner_reference') as batch_op:
        batch_op.create_index('ix_partner_reference_partner', ['agency_id', 'partner_id'], unique=False)

    op.create_table('partner_user',
    sa.Column('partner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('first_name', sa.String(), nullable=False),
    sa.Column('last_name', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('origin', sa.String(), nullable=False),
    sa.Column('locale', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint("origin IN ('contact', 'invited', 'imported')", name=op.f('ck_partner_user_origin')),
    sa.CheckConstraint("role IN ('view', 'pay', 'admin')", name=op.f('ck_partner_user_role')),
    sa.CheckConstraint("state IN ('invited', 'active', 'held', 'removed')", name=op.f('ck_partner_user_state')),
    sa.ForeignKeyConstraint(['agency_id', 'partner_id'], ['partner.agency_id', 'partner.id'], name=op.f('fk_partner_user_agency_id_partner_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_partner_user_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_user')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_partner_user_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'partner_id', 'email', name=op.f('uq_partner_user_agency_id_partner_id_email'))
    )
    with op.batch_alter_table('partner_user') as batch_op:
        batch_op.create_index('ix_partner_user_email', ['agency_id', 'email'], unique=False)

    with op.batch_alter_table('invoice') as batch_op:
        batch_op.add_column(sa.Column('partner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_index('ix_invoice_partner', ['agency_id', 'partner_id', 'state', 'due_date'], unique=False, postgresql_where=sa.text('partner_id IS NOT NULL'), sqlite_where=sa.text('partner_id IS NOT NULL'))
        batch_op.create_foreign_key(batch_op.f('fk_invoice_agency_id_partner_id'), 'partner', ['agency_id', 'partner_id'], ['agency_id', 'id'], ondelete='RESTRICT')

    with op.batch_alter_table('program') as batch_op:
        batch_op.add_column(sa.Column('partner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_index('ix_program_partner', ['agency_id', 'partner_id'], unique=False, postgresql_where=sa.text('partner_id IS NOT NULL'), sqlite_where=sa.text('partner_id IS NOT NULL'))
        batch_op.create_foreign_key(batch_op.f('fk_program_agency_id_partner_id'), 'partner', ['agency_id', 'partner_id'], ['agency_id', 'id'], ondelete='RESTRICT')

    guard(*TABLES)


def downgrade() -> None:
    unguard(*TABLES)
    with op.batch_alter_table('program') as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_program_agency_id_partner_id'), type_='foreignkey')
        batch_op.drop_index('ix_program_partner', postgresql_where=sa.text('partner_id IS NOT NULL'), sqlite_where=sa.text('partner_id IS NOT NULL'))
        batch_op.drop_column('partner_id')

    with op.batch_alter_table('invoice') as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_invoice_agency_id_partner_id'), type_='foreignkey')
        batch_op.drop_index('ix_invoice_partner', postgresql_where=sa.text('partner_id IS NOT NULL'), sqlite_where=sa.text('partner_id IS NOT NULL'))
        batch_op.drop_column('partner_id')

    with op.batch_alter_table('partner_user') as batch_op:
        batch_op.drop_index('ix_partner_user_email')

    op.drop_table('partner_user')
    with op.batch_alter_table('partner_reference') as batch_op:
        batch_op.drop_index('ix_partner_reference_partner')

    op.drop_table('partner_reference')
    with op.batch_alter_table('partner') as batch_op:
        batch_op.drop_index('ix_partner_name')
        batch_op.drop_index('ix_partner_merged', postgresql_where=sa.text('merged_into_id IS NOT NULL'), sqlite_where=sa.text('merged_into_id IS NOT NULL'))

    op.drop_table('partner')
