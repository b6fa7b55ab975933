"""Programs, policies, payment links and the guest's index."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table

MOST_POLICIES = 25


class Program(Tenant, Base):
    """The billing object. `reference` is the agency's own name for it; unique in the agency.

    `opening_paid_cents` is what was paid before the agency came to this portal. `restricted_to` is the only kind of
    method that pays it here, "card" or "us_bank_account"; empty for any that the agency takes. `partner_id` is the
    partner behind it: of agency bill the one who pays, of direct bill the one who receives the commission.
    """

    __tablename__ = "program"
    __table_args__ = tenant_table(
        belongs_to("insured_id", "insured"),
        belongs_to("partner_id", "partner"),
        UniqueConstraint("agency_id", "reference"),
        Index("ix_program_insured", "agency_id", "insured_id"),
        Index("ix_program_contact_email", "agency_id", "contact_email"),
        Index("ix_program_due", "agency_id", "due_date", "archived_at", "canceled_on", "is_draft"),
        partial_index("ix_program_partner", "agency_id", "partner_id", where="partner_id IS NOT NULL"),
        partial_index("ix_program_archived", "agency_id", where="archived_at IS NOT NULL"),
        CheckConstraint("opening_paid_cents >= 0", name="opening_paid"),
    )

    reference: Mapped[str]
    name: Mapped[str]
    insured_id: Mapped[int]
    partner_id: Mapped[int | None]
    billing_type: Mapped[str]
    due_date: Mapped[date]
    contact_email: Mapped[str | None]
    producer: Mapped[str] = mapped_column(default="")
    account_manager: Mapped[str] = mapped_column(default="")
    restricted_to: Mapped[str] = mapped_column(default="")
    guest_payments: Mapped[bool] = mapped_column(default=True)
    is_draft: Mapped[bool] = mapped_column(default=False)
    opening_paid_cents: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[datetime | None]
    canceled_on: Mapped[date | None]
    created_at: Mapped[datetime]

    @property
    def paying_partner_id(self) -> int | None:
        """The partner who pays its invoices; None where the insured does."""
        return self.partner_id if self.billing_type == "agency_bill" else None


class Policy(Tenant, Base):
    """A policy as billed; amounts are those at binding."""

    __tablename__ = "policy"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        Index("ix_policy_program", "agency_id", "program_id"),
        Index("ix_policy_number", "agency_id", "policy_number"),
        CheckConstraint("expiration_date > effective_date", name="term"),
    )

    program_id: Mapped[int]
    policy_number: Mapped[str]
    carrier: Mapped[str]
    carrier_naic: Mapped[str] = mapped_column(default="")
    wholesaler: Mapped[str] = mapped_column(default="")
    coverage_code: Mapped[str]
    coverage: Mapped[str]
    effective_date: Mapped[date]
    expiration_date: Mapped[date]
    premium_cents: Mapped[int]
    taxes_cents: Mapped[int] = mapped_column(default=0)
    surplus_lines_tax_cents: Mapped[int] = mapped_column(default=0)
    policy_fee_cents: Mapped[int] = mapped_column(default=0)
    agency_fee_cents: Mapped[int] = mapped_column(default=0)
    broker_fee_cents: Mapped[int] = mapped_column(default=0)
    other_fee_cents: Mapped[int] = mapped_column(default=0)
    minimum_earned_rate: Mapped[Decimal] = mapped_column(default=Decimal(0))
    gross_commission_rate: Mapped[Decimal] = mapped_column(default=Decimal(0))
    retail_commission_rate: Mapped[Decimal | None]


class Renewal(Tenant, Base):
    """A program that was made to go on where another one ends; each is renewed once."""

    __tablename__ = "renewal"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("renewed_id", "program"),
        UniqueConstraint("agency_id", "program_id"),
        UniqueConstraint("agency_id", "renewed_id"),
        CheckConstraint("program_id <> renewed_id", name="two"),
    )

    program_id: Mapped[int]
    renewed_id: Mapped[int]


class PaymentLink(Tenant, Base):
    """An unguessable address that takes payment for one program or one one-time invoice."""

    __tablename__ = "payment_link"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("invoice_id", "invoice"),
        UniqueConstraint("token"),
        CheckConstraint("(program_id IS NULL) <> (invoice_id IS NULL)", name="one_target"),
        partial_index("ix_payment_link_program", "agency_id", "program_id", where="replaced_at IS NULL", unique=True),
        partial_index("ix_payment_link_invoice", "agency_id", "invoice_id", where="replaced_at IS NULL", unique=True),
    )

    token: Mapped[str]
    program_id: Mapped[int | None]
    invoice_id: Mapped[int | None]
    created_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class GuestKey(Tenant, Base):
    """The guest's index: keyed digests of policy number and ZIP, made anew when either changes."""

    __tablename__ = "guest_key"
    __table_args__ = tenant_table(
        belongs_to("policy_id", "policy"),
        belongs_to("program_id", "program"),
        Index("ix_guest_key_digest", "agency_id", "digest"),
        Index("ix_guest_key_policy", "agency_id", "policy_id"),
    )

    digest: Mapped[str]
    is_exact: Mapped[bool]
    policy_id: Mapped[int]
    program_id: Mapped[int]
