"""Agencies and what belongs to the agency itself."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, BigInt
from portal.core.tenancy import Tenant, tenant_table


class Agency(Base):
    """The tenant. A global table: it is looked up before an agency is known. `lookup_key` is encrypted."""

    __tablename__ = "agency"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="America/New_York")
    locale: Mapped[str] = mapped_column(default="en_US")
    phone: Mapped[str]
    email: Mapped[str]
    website: Mapped[str] = mapped_column(default="")
    address_line1: Mapped[str] = mapped_column(default="")
    address_line2: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="")
    postal_code: Mapped[str] = mapped_column(default="")
    brand_hex: Mapped[str]
    brand_folder: Mapped[str] = mapped_column(default="_default")
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    footer: Mapped[str] = mapped_column(default="")
    guest_payments: Mapped[bool] = mapped_column(default=True)
    fee_is_passed_on: Mapped[bool] = mapped_column(default=False)
    card_fee_basis_points: Mapped[int] = mapped_column(default=0)
    card_fee_fixed_cents: Mapped[int] = mapped_column(default=0)
    bank_fee_cents: Mapped[int] = mapped_column(default=0)
    takes_bank_debits: Mapped[bool] = mapped_column(default=True)
    part_payments: Mapped[bool] = mapped_column(default=False)
    part_least_cents: Mapped[int] = mapped_column(default=0)
    part_least_basis_points: Mapped[int] = mapped_column(default=0)
    part_most_cents: Mapped[int] = mapped_column(default=0)
    part_most_basis_points: Mapped[int] = mapped_column(default=0)
    pay_to: Mapped[str] = mapped_column(default="")
    mail_checks_to: Mapped[str] = mapped_column(default="")
    wire_bank: Mapped[str] = mapped_column(default="")
    wire_routing: Mapped[str] = mapped_column(default="")
    wire_account: Mapped[str] = mapped_column(default="")
    lookup_key: Mapped[str]
    created_at: Mapped[datetime]


class AgencyHost(Base):
    """A domain of its own that leads to one agency. Global, for the same reason.

    `is_ready`: mails and documents lead there. `dns`, `certificate`, `answer`: what the last look has shown.
    """

    __tablename__ = "agency_host"

    host: Mapped[str] = mapped_column(unique=True)
    agency_id: Mapped[int] = mapped_column(BigInt, ForeignKey("agency.id", ondelete="RESTRICT"))
    is_ready: Mapped[bool] = mapped_column(default=True)
    dns: Mapped[str] = mapped_column(default="")
    certificate: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]


class ProcessorAccount(Tenant, Base):
    """The agency's own account at the payment processor; secrets are encrypted.

    `restored_from` is the moment of a backup that this database was restored from, until all payments since have been
    read from the processor again; nothing is charged meanwhile. Every backup carries it. `balance_read_at`: until when
    the movements of the processor's balance are known. `bulk_until`: so long one worker charges in bulk, and no other.
    """

    __tablename__ = "processor_account"
    __table_args__ = tenant_table(UniqueConstraint("agency_id"), UniqueConstraint("account"))

    account: Mapped[str]
    publishable_key: Mapped[str]
    secret_key: Mapped[str]
    webhook_secrets: Mapped[str]
    statement_descriptor: Mapped[str] = mapped_column(default="")
    paused_at: Mapped[datetime | None]
    restored_from: Mapped[datetime | None]
    events_swept_at: Mapped[datetime | None]
    balance_read_at: Mapped[datetime | None]
    bulk_until: Mapped[datetime | None]


class StaffMember(Tenant, Base):
    """Someone who works for the agency. Role: support, producer, accountant or admin."""

    __tablename__ = "staff_member"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "email"))

    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
