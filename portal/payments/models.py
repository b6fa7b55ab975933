"""Payments, their claims on invoices, and the inbox of processor events."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class Payment(Tenant, Base):
    """One attempt by one payer with one method at one or more invoices; its claims say at which.

    `token` is the public, unguessable name of its status page; `intent_number` the n of the intent's key;
    `version` rises with every change, so that a stale reading of the processor is never written. `method_ref` is the
    processor's id of the method, known once it was charged; `method_fingerprint` is equal for equal numbers.
    `partner_id` is the partner's who pays, by one of its users or by a check.
    """

    __tablename__ = "payment"
    __table_args__ = tenant_table(
        belongs_to("partner_id", "partner"),
        UniqueConstraint("agency_id", "request_key"),
        UniqueConstraint("account", "intent_id"),
        UniqueConstraint("token"),
        CheckConstraint("charged_cents = amount_cents + fee_cents", name="charged"),
        CheckConstraint("amount_cents > 0 AND fee_cents >= 0", name="amounts"),
        CheckConstraint(
            "state IN ('created', 'ready', 'submitted', 'action_required', 'processing', 'succeeded', 'declined', "
            "'failed', 'canceled')",
            name="state",
        ),
        Index("ix_payment_payer", "agency_id", "payer_email", "created_at"),
        Index("ix_payment_charge", "agency_id", "charge_id"),
        partial_index("ix_payment_partner", "agency_id", "partner_id", "created_at", where="partner_id IS NOT NULL"),
        partial_index(
            "ix_payment_succeeded", "agency_id", "succeeded_at", "charged_cents", "state", where="state = 'succeeded'"
        ),
        partial_index(
            "ix_payment_unsettled",
            "agency_id",
            "changed_at",
            where="state NOT IN ('succeeded', 'failed', 'canceled')",
        ),
    )

    token: Mapped[str]
    reference: Mapped[str]
    account: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    amount_cents: Mapped[int]
    fee_cents: Mapped[int] = mapped_column(default=0)
    charged_cents: Mapped[int]
    request_key: Mapped[str]
    confirmation_token: Mapped[str | None]
    return_url: Mapped[str] = mapped_column(default="")
    intent_id: Mapped[str | None]
    intent_number: Mapped[int] = mapped_column(default=1)
    attempt: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    method_kind: Mapped[str]
    method_brand: Mapped[str]
    method_last4: Mapped[str]
    method_funding: Mapped[str]
    method_fingerprint: Mapped[str] = mapped_column(default="")
    method_ref: Mapped[str | None]
    payer_kind: Mapped[str]
    partner_id: Mapped[int | None]
    payer_name: Mapped[str]
    payer_email: Mapped[str]
    payer_locale: Mapped[str] = mapped_column(default="en_US")
    charge_id: Mapped[str | None]
    decline_code: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]


class Claim(Tenant, Base):
    """A payment's hold on an invoice. At most one is live per invoice: one payment in flight.

    `taken_back_cents` is what refunds and disputes have taken back of its amount; reversed: a return took all of it.
    """

    __tablename__ = "claim"
    __table_args__ = tenant_table(
        belongs_to("payment_id", "payment"),
        belongs_to("invoice_id", "invoice"),
        partial_index("ix_claim_live", "agency_id", "invoice_id", where="state = 'live'", unique=True),
        Index("ix_claim_payment", "agency_id", "payment_id"),
        Index("ix_claim_invoice", "agency_id", "invoice_id"),
        partial_index("ix_claim_taken_back", "agency_id", "invoice_id", where="taken_back_cents > 0"),
        CheckConstraint("amount_cents >= 0", name="amount"),
        CheckConstraint("state IN ('live', 'consumed', 'released', 'reversed')", name="state"),
    )

    payment_id: Mapped[int]
    invoice_id: Mapped[int]
    amount_cents: Mapped[int]
    taken_back_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str]


class Mandate(Tenant, Base):
    """The authorization of bank debits that a person has given: what they read, and how they agreed. Written once.

    `text` is exactly what was shown, its paragraphs on lines of their own, in the language of `locale`; `version` names
    the wording. Of a payment's own, `payment_id` says which.
    """

    __tablename__ = "mandate"
    __table_args__ = tenant_table(
        belongs_to("payment_id", "payment"),
        UniqueConstraint("agency_id", "payment_id"),
    )

    payment_id: Mapped[int | None]
    text: Mapped[str]
    version: Mapped[str]
    locale: Mapped[str]
    agreed_at: Mapped[datetime]
    ip_address: Mapped[str]
    browser: Mapped[str]
    method_kind: Mapped[str]
    method_brand: Mapped[str]
    method_last4: Mapped[str]
    method_fingerprint: Mapped[str]


class LoanPayoff(Tenant, Base):
    """A payment that ends a loan early: what it leaves open on the installments is interest that is not owed."""

    __tablename__ = "loan_payoff"
    __table_args__ = tenant_table(
        belongs_to("payment_id", "payment"),
        belongs_to("loan_id", "loan"),
        UniqueConstraint("agency_id", "payment_id"),
    )

    payment_id: Mapped[int]
    loan_id: Mapped[int]


class CheckImage(Tenant, Base):
    """The picture of a check, kept as a file."""

    __tablename__ = "check_image"
    __table_args__ = tenant_table(
        belongs_to("payment_id", "payment"),
        belongs_to("file_id", "stored_file"),
        UniqueConstraint("agency_id", "payment_id"),
        UniqueConstraint("agency_id", "file_id"),
    )

    payment_id: Mapped[int]
    file_id: Mapped[int]


class GatewayEvent(Base):
    """The inbox: a processor event as announced, worked later by a job. Global: written before a unit is scoped."""

    __tablename__ = "gateway_event"
    __table_args__ = (
        UniqueConstraint("account", "event_id"),
        partial_index("ix_gateway_event_open", "lease_until", where="handled_at IS NULL"),
    )

    account: Mapped[str]
    event_id: Mapped[str]
    kind: Mapped[str]
    object_id: Mapped[str]
    received_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    handled_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
