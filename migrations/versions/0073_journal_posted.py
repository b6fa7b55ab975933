"""entries of the books by kind and when they were posted

Revision ID: 0073
Revises: 0067
"""

from alembic import op

revision = '0073'
down_revision = '0067'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_journal_entry_posted', 'journal_entry', ['agency_id', 'kind', 'posted_at'])


def downgrade() -> None:
    op.drop_index('ix_journal_entry_posted', 'journal_entry')
