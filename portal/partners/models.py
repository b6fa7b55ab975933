"""Partners: the agency's own retail and wholesale customers, their users, and their names in other systems."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, BigInt, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table

KINDS = ("retail", "wholesale")
PARTNER_ROLES = ("view", "pay", "admin")
"""Each may do all of the one before; `admin` manages the users."""
SCHEDULES = ("daily", "weekly", "biweekly", "monthly")


class Partner(Tenant, Base):
    """An organization account. What is set here counts for new policies only; rates are fractions (0.125 is 12.5 %).

    `bills_agency`: it pays the agency's invoices (agency bill), due `due_days` after the effective date, and keeps
    `kept_commission_rate` of the premium. `bills_direct`: the insured pays (direct bill), and it receives
    `commission_rate` of the premium; empty accrues nothing. It is paid out on `payout_schedule`,
    `settlement_days` after the insured's payment has settled. One that was merged into another (`merged_into_id`)
    keeps what stands here, and nothing else.
    """

    __tablename__ = "partner"
    __table_args__ = tenant_table(
        Index("ix_partner_name", "agency_id", "name"),
        partial_index("ix_partner_merged", "agency_id", "merged_into_id", where="merged_into_id IS NOT NULL"),
        CheckConstraint("kind IN ('retail', 'wholesale')", name="kind"),
        CheckConstraint("payout_schedule IN ('daily', 'weekly', 'biweekly', 'monthly')", name="payout_schedule"),
        CheckConstraint("due_days >= 0 AND settlement_days >= 0", name="days"),
    )

    kind: Mapped[str]
    name: Mapped[str]
    address_line1: Mapped[str]
    address_line2: Mapped[str] = mapped_column(default="")
    city: Mapped[str]
    state: Mapped[str]
    postal_code: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    contact_first_name: Mapped[str]
    contact_last_name: Mapped[str]
    contact_email: Mapped[str]
    bills_agency: Mapped[bool]
    due_days: Mapped[int] = mapped_column(default=0)
    kept_commission_rate: Mapped[Decimal | None]
    bills_direct: Mapped[bool]
    commission_rate: Mapped[Decimal | None]
    payout_schedule: Mapped[str] = mapped_column(default="monthly")
    settlement_days: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None]


class PartnerUser(Tenant, Base):
    """Somebody of a partner, known by the address they sign in with.

    State: invited (has not signed in), active, held (an admin of the partner must approve: other e-mail domain) or
    removed. `origin`: contact, invited or imported. `ticked`: ids of the invoices that they have chosen to pay, with
    commas between.
    """

    __tablename__ = "partner_user"
    __table_args__ = tenant_table(
        belongs_to("partner_id", "partner"),
        UniqueConstraint("agency_id", "partner_id", "email"),
        Index("ix_partner_user_email", "agency_id", "email"),
        CheckConstraint("role IN ('view', 'pay', 'admin')", name="role"),
        CheckConstraint("state IN ('invited', 'active', 'held', 'removed')", name="state"),
        CheckConstraint("origin IN ('contact', 'invited', 'imported')", name="origin"),
    )

    partner_id: Mapped[int]
    email: Mapped[str]
    first_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    role: Mapped[str]
    state: Mapped[str]
    origin: Mapped[str]
    locale: Mapped[str] = mapped_column(default="en_US")
    ticked: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class PartnerReference(Tenant, Base):
    """What another system calls a partner; after a merge one partner may have several."""

    __tablename__ = "partner_reference"
    __table_args__ = tenant_table(
        belongs_to("partner_id", "partner"),
        UniqueConstraint("agency_id", "system", "external_id"),
        Index("ix_partner_reference_partner", "agency_id", "partner_id"),
    )

    partner_id: Mapped[int]
    system: Mapped[str]
    external_id: Mapped[str]


class PartnerMerge(Tenant, Base):
    """A partner was merged into another: what moved, so that it can be undone.

    `moved`: table and column -> ids of the rows that moved. `before`: id of a user who was at both ->
    role and state before and after. `by` is empty where the rule did it.
    """

    __tablename__ = "partner_merge"
    __table_args__ = tenant_table(
        belongs_to("kept_id", "partner"),
        belongs_to("gone_id", "partner"),
        Index("ix_partner_merge_at", "agency_id", "merged_at"),
        partial_index("ix_partner_merge_gone", "agency_id", "gone_id", where="undone_at IS NULL", unique=True),
        CheckConstraint("kept_id <> gone_id", name="two"),
    )

    kept_id: Mapped[int]
    gone_id: Mapped[int]
    by: Mapped[str]
    merged_at: Mapped[datetime]
    moved: Mapped[dict[str, Any]]
    before: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(default="")


class PartnerLogin(Base):
    """At which agencies an e-mail address comes in for a partner. A global table: asked before an agency is known.

    The address is kept as a keyed digest only; what it may see is asked of each agency, every time.
    """

    __tablename__ = "partner_login"
    __table_args__ = (UniqueConstraint("email_digest", "agency_id"),)

    email_digest: Mapped[str]
    agency_id: Mapped[int] = mapped_column(BigInt, ForeignKey("agency.id", ondelete="RESTRICT"))
