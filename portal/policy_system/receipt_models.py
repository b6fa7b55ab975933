"""The receipts that the policy system has of us, or is to have."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, tenant_table


class PolicyReceipt(Tenant, Base):
    """One receipt: of a payment, or of a lender's money (`source`, `source_id`), for one customer (`party`).

    At most one of them is not voided. State: wanted, sending, refused, made, voiding, voided. `parts` are our invoices'
    ids with cents, `external_id` is ours at the policy system, `receipt_id` theirs. `why` says what voids it, or what
    they have against it.
    """

    __tablename__ = "policy_receipt"
    __table_args__ = tenant_table(
        UniqueConstraint("agency_id", "external_id"),
        partial_index(
            "ix_policy_receipt_live",
            "agency_id",
            "source",
            "source_id",
            "party",
            where="state <> 'voided'",
            unique=True,
        ),
        Index("ix_policy_receipt_source", "agency_id", "source", "source_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("source IN ('payment', 'funding')", name="source"),
        CheckConstraint("state IN ('wanted', 'sending', 'refused', 'made', 'voiding', 'voided')", name="state"),
        CheckConstraint("state NOT IN ('made', 'voiding') OR receipt_id IS NOT NULL", name="receipt"),
    )

    source: Mapped[str]
    source_id: Mapped[int]
    party: Mapped[str]
    external_id: Mapped[str]
    amount_cents: Mapped[int]
    parts: Mapped[list[list[int]]] = mapped_column(JSON)
    received_on: Mapped[date]
    method: Mapped[str]
    reference: Mapped[str]
    state: Mapped[str]
    receipt_id: Mapped[str | None]
    why: Mapped[str] = mapped_column(default="")
    wanted_at: Mapped[datetime]
    changed_at: Mapped[datetime]
