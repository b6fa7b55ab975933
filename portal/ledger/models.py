"""The journal."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class JournalEntry(Tenant, Base):
    """One business event; (kind, ref) is unique, so that it is posted once."""

    __tablename__ = "journal_entry"
    __table_args__ = tenant_table(
        UniqueConstraint("agency_id", "kind", "ref"),
        Index("ix_journal_entry_posted", "agency_id", "kind", "posted_at"),
    )

    kind: Mapped[str]
    ref: Mapped[str]
    booked_on: Mapped[date]
    posted_at: Mapped[datetime]


class JournalLine(Tenant, Base):
    """One side of an entry."""

    __tablename__ = "journal_line"
    __table_args__ = tenant_table(
        belongs_to("entry_id", "journal_entry"),
        belongs_to("invoice_id", "invoice"),
        belongs_to("policy_id", "policy"),
        Index("ix_journal_line_entry", "agency_id", "entry_id"),
        Index("ix_journal_line_invoice", "agency_id", "invoice_id"),
        partial_index("ix_journal_line_policy", "agency_id", "policy_id", where="policy_id IS NOT NULL"),
        CheckConstraint("debit_cents >= 0 AND credit_cents >= 0", name="positive"),
        CheckConstraint("(debit_cents = 0) <> (credit_cents = 0)", name="one_side"),
    )

    entry_id: Mapped[int]
    account: Mapped[str]
    debit_cents: Mapped[int] = mapped_column(default=0)
    credit_cents: Mapped[int] = mapped_column(default=0)
    invoice_id: Mapped[int | None]
    policy_id: Mapped[int | None]
    carrier: Mapped[str | None]
