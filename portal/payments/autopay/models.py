"""Autopay: the enrollment of a program, its consents, what was announced, and each try."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class AutopayEnrollment(Tenant, Base):
    """A program on autopay, from the moment it was turned on to the moment it ended; at most one of it is live.

    `payment_method_id` is what is charged now, `mandate_id` the consent in force. `asks_since`: from then on nothing is
    charged until the method is replaced, since the bank has refused it for good. `ended_for` says why it ended, and
    `ended_note` what staff wrote of it.
    """

    __tablename__ = "autopay_enrollment"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("payment_method_id", "payment_method"),
        belongs_to("mandate_id", "mandate"),
        partial_index("ix_autopay_enrollment_live", "agency_id", "program_id", where="ended_at IS NULL", unique=True),
        Index("ix_autopay_enrollment_program", "agency_id", "program_id"),
        Index("ix_autopay_enrollment_method", "agency_id", "payment_method_id"),
        CheckConstraint("(ended_at IS NULL) = (ended_for IS NULL)", name="ended"),
        CheckConstraint(
            "ended_for IN ('insured', 'staff', 'failures', 'returned', 'method', 'program')", name="ended_for"
        ),
    )

    program_id: Mapped[int]
    payment_method_id: Mapped[int]
    mandate_id: Mapped[int]
    started_at: Mapped[datetime]
    asks_since: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_for: Mapped[str | None]
    ended_note: Mapped[str] = mapped_column(default="")


class AutopayConsent(Tenant, Base):
    """One consent of an enrollment: the first when it was turned on, another with each replaced method.

    `email` is who agreed; the mandate holds what they read, when, and from where.
    """

    __tablename__ = "autopay_consent"
    __table_args__ = tenant_table(
        belongs_to("enrollment_id", "autopay_enrollment"),
        belongs_to("mandate_id", "mandate"),
        belongs_to("payment_method_id", "payment_method"),
        UniqueConstraint("agency_id", "mandate_id"),
        Index("ix_autopay_consent_enrollment", "agency_id", "enrollment_id"),
    )

    enrollment_id: Mapped[int]
    mandate_id: Mapped[int]
    payment_method_id: Mapped[int]
    email: Mapped[str]


class AutopayRequest(Tenant, Base):
    """Autopay that its payer has asked for together with a payment: it begins once that has gone through.

    It is done when a consent with its mandate exists.
    """

    __tablename__ = "autopay_request"
    __table_args__ = tenant_table(
        belongs_to("payment_id", "payment"),
        belongs_to("program_id", "program"),
        belongs_to("mandate_id", "mandate"),
        UniqueConstraint("agency_id", "payment_id"),
        UniqueConstraint("agency_id", "mandate_id"),
    )

    payment_id: Mapped[int]
    program_id: Mapped[int]
    mandate_id: Mapped[int]


class AutopayAnnouncement(Tenant, Base):
    """What an insured was told will be charged for an invoice: the last one counts.

    `how` is `consent` (it stood on the page they agreed on) or `mail`; `due_date` was the invoice's then;
    `amount_cents` is with `fee_cents`.
    """

    __tablename__ = "autopay_announcement"
    __table_args__ = tenant_table(
        belongs_to("enrollment_id", "autopay_enrollment"),
        belongs_to("invoice_id", "invoice"),
        belongs_to("payment_method_id", "payment_method"),
        UniqueConstraint("agency_id", "enrollment_id", "invoice_id", "number"),
        CheckConstraint("amount_cents > 0 AND fee_cents >= 0", name="amounts"),
        CheckConstraint("how IN ('consent', 'mail')", name="how"),
    )

    enrollment_id: Mapped[int]
    invoice_id: Mapped[int]
    number: Mapped[int]
    how: Mapped[str]
    payment_method_id: Mapped[int]
    due_date: Mapped[date]
    charge_on: Mapped[date]
    amount_cents: Mapped[int]
    fee_cents: Mapped[int]
    announced_at: Mapped[datetime]


class AutopayTry(Tenant, Base):
    """One payment that autopay began for an invoice, by whose consent. `number` counts an invoice's tries."""

    __tablename__ = "autopay_try"
    __table_args__ = tenant_table(
        belongs_to("enrollment_id", "autopay_enrollment"),
        belongs_to("mandate_id", "mandate"),
        belongs_to("invoice_id", "invoice"),
        belongs_to("payment_id", "payment"),
        UniqueConstraint("agency_id", "invoice_id", "number"),
        UniqueConstraint("agency_id", "payment_id"),
        Index("ix_autopay_try_enrollment", "agency_id", "enrollment_id"),
    )

    enrollment_id: Mapped[int]
    mandate_id: Mapped[int]
    invoice_id: Mapped[int]
    payment_id: Mapped[int]
    number: Mapped[int]
