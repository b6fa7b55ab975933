"""Movements of the processor's balance and payouts to the agency's bank, as the portal has them in its books."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, tenant_table


class BalanceTransaction(Tenant, Base):
    """One movement of the balance, posted once.

    `entry_kind` and `entry_ref` name the journal entry that holds its amount: a charge's, a refund's, a payout's, or
    one made for it alone. No two movements name the same. Its fee is in an entry of its own.

    States: `waiting` for the entry that it belongs to; `posted`; `suspense`, when nothing here explains it.
    """

    __tablename__ = "balance_transaction"
    __table_args__ = tenant_table(
        UniqueConstraint("agency_id", "account", "transaction_id"),
        UniqueConstraint("agency_id", "entry_kind", "entry_ref"),
        CheckConstraint("state IN ('waiting', 'posted', 'suspense')", name="state"),
        CheckConstraint("net_cents = amount_cents - fee_cents", name="net"),
        CheckConstraint("(state = 'waiting') = (entry_kind IS NULL)", name="entry"),
        partial_index("ix_balance_transaction_open", "agency_id", "id", where="state <> 'posted'"),
        Index("ix_balance_transaction_payout", "agency_id", "payout_id"),
        Index("ix_balance_transaction_source", "agency_id", "source_id"),
    )

    account: Mapped[str]
    transaction_id: Mapped[str]
    kind: Mapped[str]
    source_id: Mapped[str]
    amount_cents: Mapped[int]
    fee_cents: Mapped[int]
    net_cents: Mapped[int]
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    entry_kind: Mapped[str | None]
    entry_ref: Mapped[str | None]
    payout_id: Mapped[str | None]


class ProcessorPayout(Tenant, Base):
    """A payout from the processor to the agency's bank.

    `state` is the processor's word; `booked` how far the books have followed it: none, created, paid, failed.
    `is_listed` once all that it pays out has been read.
    """

    __tablename__ = "processor_payout"
    __table_args__ = tenant_table(
        UniqueConstraint("agency_id", "account", "payout_id"),
        CheckConstraint("state IN ('pending', 'in_transit', 'paid', 'failed', 'canceled')", name="state"),
        CheckConstraint("booked IN ('none', 'created', 'paid', 'failed')", name="booked"),
        Index("ix_processor_payout_created", "agency_id", "created_at"),
    )

    account: Mapped[str]
    payout_id: Mapped[str]
    state: Mapped[str]
    booked: Mapped[str] = mapped_column(default="none")
    amount_cents: Mapped[int]
    is_automatic: Mapped[bool]
    is_listed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    arrives_on: Mapped[date]
    trace: Mapped[str] = mapped_column(default="")
    failure: Mapped[str] = mapped_column(default="")
