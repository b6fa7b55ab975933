"""Saved payment methods, the processor's customers that hold them, and the attempts to add one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class ProcessorCustomer(Tenant, Base):
    """The processor's customer that keeps the methods of one e-mail address; `customer_id` once it answered.

    `reference` is random, and its name there: numbers come again after a restore.
    """

    __tablename__ = "processor_customer"
    __table_args__ = tenant_table(
        UniqueConstraint("agency_id", "account", "owner_email"),
        UniqueConstraint("agency_id", "account", "customer_id"),
    )

    account: Mapped[str]
    owner_email: Mapped[str]
    reference: Mapped[str]
    customer_id: Mapped[str | None]
    created_at: Mapped[datetime]


class PaymentMethod(Tenant, Base):
    """A card or bank account kept at the processor. We hold what names it to its owner, and never its number.

    `method_id` is the processor's; the same card added again takes the place of the one before in the same row.
    `fingerprint` is equal for equal cards and accounts, whoever has added them. `disabled_for` is a return's code.
    `expiry_warned_days` is how many days before its expiry the owner was last told of it.
    """

    __tablename__ = "payment_method"
    __table_args__ = tenant_table(
        UniqueConstraint("agency_id", "method_id"),
        Index("ix_payment_method_owner", "agency_id", "owner_email"),
        Index("ix_payment_method_fingerprint", "agency_id", "fingerprint"),
        partial_index(
            "ix_payment_method_default", "agency_id", "account", "owner_email", where="is_default", unique=True
        ),
        CheckConstraint(
            "state IN ('pending_verification', 'active', 'unverified', 'disabled', 'removed')", name="state"
        ),
        CheckConstraint("NOT is_default OR state = 'active'", name="default_is_active"),
    )

    account: Mapped[str]
    owner_email: Mapped[str]
    customer_id: Mapped[str]
    method_id: Mapped[str]
    kind: Mapped[str]
    brand: Mapped[str]
    last4: Mapped[str]
    funding: Mapped[str]
    bank_name: Mapped[str] = mapped_column(default="")
    exp_month: Mapped[int | None]
    exp_year: Mapped[int | None]
    fingerprint: Mapped[str]
    state: Mapped[str]
    is_default: Mapped[bool] = mapped_column(default=False)
    disabled_for: Mapped[str | None]
    expiry_warned_days: Mapped[int | None]
    locale: Mapped[str] = mapped_column(default="en_US")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class MethodUse(Tenant, Base):
    """What a payment has to do with saved methods: it pays with one, or saves for its payer what it pays with."""

    __tablename__ = "method_use"
    __table_args__ = tenant_table(
        belongs_to("payment_id", "payment"),
        belongs_to("payment_method_id", "payment_method"),
        UniqueConstraint("agency_id", "payment_id"),
        Index("ix_method_use_method", "agency_id", "payment_method_id"),
        CheckConstraint("saves <> (payment_method_id IS NOT NULL)", name="one_of_both"),
    )

    payment_id: Mapped[int]
    payment_method_id: Mapped[int | None]
    customer_id: Mapped[str]
    saves: Mapped[bool]


class MethodSetup(Tenant, Base):
    """One attempt to add a method without paying. `token` is the unguessable name of its page.

    `version` rises with every change, so that a stale reading of the processor is never written. `deposit_type` says
    what two small deposits bring (amounts, descriptor_code), `tries` how often it was typed.
    """

    __tablename__ = "method_setup"
    __table_args__ = tenant_table(
        belongs_to("payment_method_id", "payment_method"),
        UniqueConstraint("agency_id", "request_key"),
        UniqueConstraint("account", "intent_id"),
        UniqueConstraint("token"),
        CheckConstraint(
            "state IN ('created', 'submitted', 'action_required', 'verifying', 'succeeded', 'failed', 'canceled')",
            name="state",
        ),
        Index("ix_method_setup_method", "agency_id", "payment_method_id"),
        partial_index(
            "ix_method_setup_unsettled",
            "agency_id",
            "changed_at",
            where="state NOT IN ('succeeded', 'failed', 'canceled')",
        ),
    )

    token: Mapped[str]
    account: Mapped[str]
    owner_email: Mapped[str]
    customer_id: Mapped[str]
    request_key: Mapped[str]
    confirmation_token: Mapped[str]
    return_url: Mapped[str]
    locale: Mapped[str]
    state: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    intent_id: Mapped[str | None]
    payment_method_id: Mapped[int | None]
    error_code: Mapped[str | None]
    deposit_type: Mapped[str | None]
    deposits_on: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
