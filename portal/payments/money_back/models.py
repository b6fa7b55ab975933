"""Refunds, disputes with the movements of money that they made, and the customers' credit."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class Refund(Tenant, Base):
    """Money of one payment that goes back to who paid it.

    `way` is processor, or by_hand: a check that the agency writes itself, named by `hand_reference`.
    `amount_cents` is what invoices give back (`RefundPart` says which), `fee_cents` the card fee's share,
    `credit_cents` comes out of the customer's credit, `unmatched_cents` is what a refund made at the processor gave
    back beyond all that: it waits in suspense for staff. `first_sent_at` is written before the processor hears of it.
    The transactions are what it did to the processor's balance, out and in again.
    """

    __tablename__ = "refund"
    __table_args__ = tenant_table(
        belongs_to("payment_id", "payment"),
        UniqueConstraint("agency_id", "request_key"),
        UniqueConstraint("agency_id", "reference"),
        UniqueConstraint("account", "refund_id"),
        Index("ix_refund_payment", "agency_id", "payment_id"),
        CheckConstraint("total_cents = amount_cents + fee_cents + credit_cents + unmatched_cents", name="total"),
        CheckConstraint(
            "total_cents > 0 AND amount_cents >= 0 AND fee_cents >= 0 AND credit_cents >= 0 AND unmatched_cents >= 0",
            name="amounts",
        ),
        CheckConstraint(
            "state IN ('requested', 'pending', 'requires_action', 'succeeded', 'failed', 'canceled')", name="state"
        ),
        CheckConstraint("way IN ('processor', 'by_hand')", name="way"),
        partial_index(
            "ix_refund_unsettled",
            "agency_id",
            "changed_at",
            where="state IN ('requested', 'pending', 'requires_action')",
        ),
    )

    payment_id: Mapped[int]
    reference: Mapped[str]
    request_key: Mapped[str]
    account: Mapped[str]
    way: Mapped[str]
    refund_id: Mapped[str | None]
    hand_reference: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    total_cents: Mapped[int]
    amount_cents: Mapped[int]
    fee_cents: Mapped[int] = mapped_column(default=0)
    credit_cents: Mapped[int] = mapped_column(default=0)
    unmatched_cents: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    requested_by: Mapped[str]
    failure_code: Mapped[str | None]
    transaction_id: Mapped[str | None]
    failure_transaction_id: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    first_sent_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class RefundPart(Tenant, Base):
    """What one invoice gives back."""

    __tablename__ = "refund_part"
    __table_args__ = tenant_table(
        belongs_to("refund_id", "refund"),
        belongs_to("invoice_id", "invoice"),
        UniqueConstraint("agency_id", "refund_id", "invoice_id"),
        Index("ix_refund_part_invoice", "agency_id", "invoice_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    refund_id: Mapped[int]
    invoice_id: Mapped[int]
    amount_cents: Mapped[int]


class Dispute(Tenant, Base):
    """The payer's bank asks for a payment back: a card's dispute or inquiry, or a bank debit that was returned.

    `kind` is card or bank, `status` the processor's own word. What happened to the money, its movements say.
    """

    __tablename__ = "dispute"
    __table_args__ = tenant_table(
        belongs_to("payment_id", "payment"),
        UniqueConstraint("account", "dispute_id"),
        Index("ix_dispute_payment", "agency_id", "payment_id"),
        CheckConstraint("kind IN ('card', 'bank')", name="kind"),
    )

    payment_id: Mapped[int]
    account: Mapped[str]
    dispute_id: Mapped[str]
    kind: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str]
    network_code: Mapped[str]
    amount_cents: Mapped[int]
    evidence_due_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class DisputeMovement(Tenant, Base):
    """One balance transaction of a dispute: negative when it took the money, positive when it brought it back."""

    __tablename__ = "dispute_movement"
    __table_args__ = tenant_table(
        belongs_to("dispute_id", "dispute"),
        UniqueConstraint("agency_id", "transaction_id"),
        Index("ix_dispute_movement_dispute", "agency_id", "dispute_id"),
        CheckConstraint("amount_cents <> 0", name="amount"),
    )

    dispute_id: Mapped[int]
    transaction_id: Mapped[str]
    amount_cents: Mapped[int]
    fee_cents: Mapped[int]
    posted_at: Mapped[datetime]


class CreditEntry(Tenant, Base):
    """What one entry of the books did to the credit of an insured or a partner; `kind` and `ref` are the entry's.

    Without either it is nobody's yet: a payment found again after a restore, whose invoices are gone.
    """

    __tablename__ = "credit_entry"
    __table_args__ = tenant_table(
        belongs_to("insured_id", "insured"),
        belongs_to("partner_id", "partner"),
        belongs_to("payment_id", "payment"),
        belongs_to("invoice_id", "invoice"),
        belongs_to("refund_id", "refund"),
        UniqueConstraint("agency_id", "kind", "ref"),
        Index("ix_credit_entry_insured", "agency_id", "insured_id"),
        partial_index("ix_credit_entry_partner", "agency_id", "partner_id", where="partner_id IS NOT NULL"),
        CheckConstraint("cents <> 0", name="cents"),
        CheckConstraint("insured_id IS NULL OR partner_id IS NULL", name="one_owner"),
    )

    insured_id: Mapped[int | None]
    partner_id: Mapped[int | None]
    kind: Mapped[str]
    ref: Mapped[str]
    cents: Mapped[int]
    payment_id: Mapped[int | None]
    invoice_id: Mapped[int | None]
    refund_id: Mapped[int | None]
    note: Mapped[str] = mapped_column(default="")
    by: Mapped[str] = mapped_column(default="")
    booked_on: Mapped[date]
    at: Mapped[datetime]
