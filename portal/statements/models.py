"""Commissions of partners, the payouts of them, and their monthly statements."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class Commission(Tenant, Base):
    """What one entry of the books has brought a policy's partner; one row for each entry and policy, so exactly once.

    `premium_cents` is what the entry paid for, `cents` the commission on it, both negative for what was taken back;
    `kept_cents` is what the agency did not claw back. It is in the books itself, as entry `commission`.
    """

    __tablename__ = "commission"
    __table_args__ = tenant_table(
        belongs_to("partner_id", "partner"),
        belongs_to("policy_id", "policy"),
        belongs_to("entry_id", "journal_entry"),
        UniqueConstraint("agency_id", "entry_id", "policy_id"),
        Index("ix_commission_partner", "agency_id", "partner_id", "payable_on"),
        Index("ix_commission_policy", "agency_id", "policy_id"),
        CheckConstraint("rate >= 0", name="rate"),
    )

    partner_id: Mapped[int]
    policy_id: Mapped[int]
    entry_id: Mapped[int]
    premium_cents: Mapped[int]
    rate: Mapped[Decimal]
    cents: Mapped[int]
    kept_cents: Mapped[int]
    settled_on: Mapped[date]
    payable_on: Mapped[date]
    accrued_at: Mapped[datetime]


class PayoutRun(Tenant, Base):
    """Payouts that go to the bank together. State: proposed, approved, paid or dropped (`payout_rules.py`).

    `proposed_by` is empty when the schedule has proposed it. `bank_reference` is what the bank calls the transfer.
    """

    __tablename__ = "payout_run"
    __table_args__ = tenant_table(
        Index("ix_payout_run_state", "agency_id", "state"),
        CheckConstraint("state IN ('proposed', 'approved', 'paid', 'dropped')", name="state"),
    )

    state: Mapped[str]
    run_on: Mapped[date]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    approved_by: Mapped[str] = mapped_column(default="")
    approved_at: Mapped[datetime | None]
    paid_on: Mapped[date | None]
    bank_reference: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]


class PartnerPayout(Tenant, Base):
    """What one partner gets in a run: what it earned, less what is taken back.

    State: proposed, left_out, dropped, paid or returned (`payout_rules.py`). `paid_to` is the name it was made out to.
    """

    __tablename__ = "partner_payout"
    __table_args__ = tenant_table(
        belongs_to("run_id", "payout_run"),
        belongs_to("partner_id", "partner"),
        Index("ix_partner_payout_run", "agency_id", "run_id"),
        Index("ix_partner_payout_partner", "agency_id", "partner_id"),
        CheckConstraint("state IN ('proposed', 'left_out', 'dropped', 'paid', 'returned')", name="state"),
        CheckConstraint("amount_cents = earned_cents - deducted_cents", name="amount"),
        CheckConstraint("amount_cents > 0 AND deducted_cents >= 0", name="amounts"),
    )

    run_id: Mapped[int]
    partner_id: Mapped[int]
    paid_to: Mapped[str]
    state: Mapped[str]
    earned_cents: Mapped[int]
    deducted_cents: Mapped[int]
    amount_cents: Mapped[int]
    returned_on: Mapped[date | None]
    return_reason: Mapped[str] = mapped_column(default="")

    @property
    def number(self) -> str:
        """What it is called: on the bank's file, in mails."""
        return f"PO-{self.id:05d}"


class PayoutItem(Tenant, Base):
    """A commission in a payout. State: live, or released when the payout did not reach its partner."""

    __tablename__ = "payout_item"
    __table_args__ = tenant_table(
        belongs_to("payout_id", "partner_payout"),
        belongs_to("commission_id", "commission"),
        UniqueConstraint("agency_id", "payout_id", "commission_id"),
        partial_index("ix_payout_item_live", "agency_id", "commission_id", where="state = 'live'", unique=True),
        CheckConstraint("state IN ('live', 'released')", name="state"),
    )

    payout_id: Mapped[int]
    commission_id: Mapped[int]
    state: Mapped[str]


class PartnerStatement(Tenant, Base):
    """A partner's month, drawn once and kept as it was sent; `digest` is over all of it.

    It holds what the books came to know from `from_at` until before `until_at`. Owed: opening + invoiced - paid -
    credited = closing. Commission: opening + accrued - paid out = closing. `partner_id` is who may see it, `drawn_for`
    whom it was drawn for: a partner that was merged into another since.
    """

    __tablename__ = "partner_statement"
    __table_args__ = tenant_table(
        belongs_to("partner_id", "partner"),
        UniqueConstraint("agency_id", "month", "drawn_for"),
        Index("ix_partner_statement_partner", "agency_id", "partner_id", "month"),
        CheckConstraint("closing_cents = opening_cents + invoiced_cents - paid_cents - credited_cents", name="owed"),
        CheckConstraint(
            "commission_closing_cents = commission_opening_cents + commission_accrued_cents - commission_paid_cents",
            name="commission",
        ),
    )

    partner_id: Mapped[int]
    drawn_for: Mapped[int]
    month: Mapped[date]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    opening_cents: Mapped[int]
    invoiced_cents: Mapped[int]
    paid_cents: Mapped[int]
    credited_cents: Mapped[int]
    closing_cents: Mapped[int]
    commission_opening_cents: Mapped[int]
    commission_accrued_cents: Mapped[int]
    commission_paid_cents: Mapped[int]
    commission_closing_cents: Mapped[int]
    details: Mapped[dict[str, Any]]
    digest: Mapped[str]
    drawn_at: Mapped[datetime]
