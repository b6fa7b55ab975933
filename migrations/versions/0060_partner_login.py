"""Where somebody has a partner's seat: a keyed digest of the address, and the agency."""

import sqlalchemy as sa
from alembic import op

from portal.core.db import BigInt

revision = "0060"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; it belongs to no agency."""
    op.create_table(
        "partner_login",
        sa.Column("email_digest", sa.String(), nullable=False),
        sa.Column("agency_id", BigInt, nullable=False),
        sa.Column("id", BigInt, nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_partner_login_agency_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_login")),
        sa.UniqueConstraint("email_digest", "agency_id", name=op.f("uq_partner_login_email_digest_agency_id")),
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_table("partner_login")
