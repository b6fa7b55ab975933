"""an agency's own words for its mails

Revision ID: 0071
Revises: 0073
"""

import sqlalchemy as sa
from alembic import op

from migrations.own_agency import guard, unguard

revision = '0071'
down_revision = '0073'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail_text',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('opening', sa.String(), nullable=False),
    sa.Column('closing', sa.String(), nullable=False),
    sa.Column('written_by', sa.String(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agency_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agency_id'], ['agency.id'], name=op.f('fk_mail_text_agency_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_text')),
    sa.UniqueConstraint('agency_id', 'id', name=op.f('uq_mail_text_agency_id_id')),
    sa.UniqueConstraint('agency_id', 'kind', 'language', 'version', name=op.f('uq_mail_text_agency_id_kind_language_version'))
    )
    guard('mail_text')


def downgrade() -> None:
    unguard('mail_text')
    op.drop_table('mail_text')
