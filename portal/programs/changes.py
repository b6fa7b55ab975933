"""What changes of policies after they are bound: endorsements, and premium that comes back."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class Endorsement(Tenant, Base):
    """A change to a policy. Amounts are what it adds, or with the way `credit` what it gives back.

    `way`: one invoice, spread over the days of the installments that are left, or credit. Credit waits until staff say
    that the carrier has confirmed it (`confirmed_at`), or take it back (`withdrawn_at`).
    """

    __tablename__ = "endorsement"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("policy_id", "policy"),
        UniqueConstraint("agency_id", "request_key"),
        Index("ix_endorsement_program", "agency_id", "program_id"),
        CheckConstraint("way IN ('invoice', 'spread', 'credit')", name="way"),
        CheckConstraint(
            "premium_cents >= 0 AND taxes_cents >= 0 AND surplus_lines_tax_cents >= 0 AND fees_cents >= 0",
            name="amounts",
        ),
        CheckConstraint("confirmed_at IS NULL OR withdrawn_at IS NULL", name="ends_once"),
    )

    program_id: Mapped[int]
    policy_id: Mapped[int]
    request_key: Mapped[str]
    way: Mapped[str]
    description: Mapped[str]
    effective_on: Mapped[date]
    premium_cents: Mapped[int]
    taxes_cents: Mapped[int]
    surplus_lines_tax_cents: Mapped[int]
    fees_cents: Mapped[int]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    @property
    def total_cents(self) -> int:
        """All of it."""
        return self.premium_cents + self.taxes_cents + self.surplus_lines_tax_cents + self.fees_cents


class PremiumReturn(Tenant, Base):
    """Premium, taxes and fees that came back on a day, and where they went, in cents.

    `reason`: an endorsement, or a cancelation with its way of reckoning. What a loan still needed beyond it is billed
    as `balance_invoice_id`.
    """

    __tablename__ = "premium_return"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("endorsement_id", "endorsement"),
        belongs_to("balance_invoice_id", "invoice"),
        UniqueConstraint("agency_id", "endorsement_id"),
        Index("ix_premium_return_program", "agency_id", "program_id"),
        CheckConstraint("reason IN ('endorsement', 'flat', 'pro_rata', 'short_rate')", name="reason"),
        CheckConstraint("(reason = 'endorsement') = (endorsement_id IS NOT NULL)", name="endorsement"),
        CheckConstraint("(balance_cents > 0) = (balance_invoice_id IS NOT NULL)", name="balance"),
        CheckConstraint("returned_cents + balance_cents = loan_cents + invoices_cents + credit_cents", name="goes"),
    )

    program_id: Mapped[int]
    endorsement_id: Mapped[int | None]
    reason: Mapped[str]
    effective_on: Mapped[date]
    returned_cents: Mapped[int]
    loan_cents: Mapped[int]
    invoices_cents: Mapped[int]
    credit_cents: Mapped[int]
    balance_cents: Mapped[int] = mapped_column(default=0)
    balance_invoice_id: Mapped[int | None]
    note: Mapped[str] = mapped_column(default="")
    by: Mapped[str]
    booked_on: Mapped[date]
    at: Mapped[datetime]


class PolicyReturn(Tenant, Base):
    """One policy's part of it; `is_cancelation`: the policy is canceled, which happens once.

    `commission_cents` is the agency's unearned commission inside the premium, `kept_cents` what of the premium the
    partner had kept: it does not go back.
    """

    __tablename__ = "policy_return"
    __table_args__ = tenant_table(
        belongs_to("premium_return_id", "premium_return"),
        belongs_to("policy_id", "policy"),
        UniqueConstraint("agency_id", "premium_return_id", "policy_id"),
        Index("ix_policy_return_policy", "agency_id", "policy_id"),
        partial_index("ix_policy_return_canceled", "agency_id", "policy_id", where="is_cancelation", unique=True),
        CheckConstraint("commission_cents >= 0 AND commission_cents <= premium_cents", name="commission"),
        CheckConstraint("kept_cents >= 0 AND kept_cents <= premium_cents", name="kept"),
        CheckConstraint("premium_cents >= 0 AND taxes_cents >= 0 AND fees_cents >= 0", name="amounts"),
    )

    premium_return_id: Mapped[int]
    policy_id: Mapped[int]
    is_cancelation: Mapped[bool]
    effective_on: Mapped[date]
    premium_cents: Mapped[int]
    commission_cents: Mapped[int]
    kept_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    taxes_cents: Mapped[int]
    fees_cents: Mapped[int]
