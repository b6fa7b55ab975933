"""what the start page counts of programs, and the order of their list, by an index alone

Revision ID: 0041
Revises: 0051
"""

from alembic import op

revision = '0041'
down_revision = '0051'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_program_due', 'program', ['agency_id', 'due_date', 'archived_at', 'canceled_on', 'is_draft'])


def downgrade() -> None:
    op.drop_index('ix_program_due', 'program')
