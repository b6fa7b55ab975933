"""what was collected on a day, and what is due, is added up by an index alone

Revision ID: 0034
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0032'
branch_labels = None
depends_on = None

PAID = sa.text("state = 'succeeded'")
ARCHIVED = sa.text('archived_at IS NOT NULL')
OPEN = sa.text("state = 'open'")
DUE = ['agency_id', 'due_date']


def upgrade() -> None:
    op.create_index(
        'ix_payment_succeeded', 'payment', ['agency_id', 'succeeded_at', 'charged_cents', 'state'],
        postgresql_where=PAID, sqlite_where=PAID,
    )
    op.drop_index('ix_invoice_open_due', 'invoice', postgresql_where=OPEN, sqlite_where=OPEN)
    op.create_index(
        'ix_invoice_open_due', 'invoice', [*DUE, 'kind', 'open_cents', 'state'], postgresql_where=OPEN, sqlite_where=OPEN
    )
    op.create_index(
        'ix_program_archived', 'program', ['agency_id'], postgresql_where=ARCHIVED, sqlite_where=ARCHIVED
    )


def downgrade() -> None:
    op.drop_index('ix_program_archived', 'program', postgresql_where=ARCHIVED, sqlite_where=ARCHIVED)
    op.drop_index('ix_invoice_open_due', 'invoice', postgresql_where=OPEN, sqlite_where=OPEN)
    op.create_index('ix_invoice_open_due', 'invoice', DUE, postgresql_where=OPEN, sqlite_where=OPEN)
    op.drop_index('ix_payment_succeeded', 'payment', postgresql_where=PAID, sqlite_where=PAID)
