"""Invoices, their lines, and the counter that numbers them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, by_letters, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class Invoice(Tenant, Base):
    """What must be paid. Without a program it is a one-time payment.

    State: draft, open, paid or void; what people see is computed (`invoices/status.py`).
    `open_cents` is cached and equals the ledger's receivable. `partner_id`: the partner pays it (agency bill) and
    keeps `kept_cents` of what its lines come to: the total is without them.
    """

    __tablename__ = "invoice"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("insured_id", "insured"),
        belongs_to("partner_id", "partner"),
        UniqueConstraint("agency_id", "number"),
        Index("ix_invoice_program", "agency_id", "program_id"),
        Index("ix_invoice_insured", "agency_id", "insured_id"),
        Index("ix_invoice_contact_email", "agency_id", "contact_email"),
        partial_index(
            "ix_invoice_open_due", "agency_id", "due_date", "kind", "open_cents", "state", where="state = 'open'"
        ),
        partial_index(
            "ix_invoice_partner",
            "agency_id",
            "partner_id",
            "state",
            "due_date",
            "id",
            "open_cents",
            where="partner_id IS NOT NULL",
        ),
        CheckConstraint("open_cents >= 0 AND open_cents <= total_cents", name="open"),
        CheckConstraint("state IN ('draft', 'open', 'paid', 'void')", name="state"),
        CheckConstraint("kept_cents >= 0 AND (kept_cents = 0 OR partner_id IS NOT NULL)", name="kept"),
    )

    number: Mapped[str] = mapped_column(by_letters())
    kind: Mapped[str]
    program_id: Mapped[int | None]
    insured_id: Mapped[int]
    partner_id: Mapped[int | None]
    description: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str | None]
    issued_on: Mapped[date]
    due_date: Mapped[date]
    state: Mapped[str]
    total_cents: Mapped[int]
    open_cents: Mapped[int]
    kept_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    touched_at: Mapped[datetime]


class InvoiceLine(Tenant, Base):
    """A line. Kinds: premium, tax, surplus_lines_tax, policy_fee, agency_fee, broker_fee, other_fee, item;
    of a loan: principal, interest, stamp_tax, late_fee, failed_fee, past_due, reinstatement_fee, loan_balance.

    `commission_cents` is the agency's gross commission inside the amount, `kept_cents` what of the amount the partner
    who pays keeps.
    """

    __tablename__ = "invoice_line"
    __table_args__ = tenant_table(
        belongs_to("invoice_id", "invoice"),
        belongs_to("policy_id", "policy"),
        Index("ix_invoice_line_invoice", "agency_id", "invoice_id"),
        CheckConstraint("commission_cents >= 0 AND commission_cents <= amount_cents", name="commission"),
        CheckConstraint("kept_cents >= 0 AND kept_cents <= amount_cents", name="kept"),
    )

    invoice_id: Mapped[int]
    kind: Mapped[str]
    label: Mapped[str]
    amount_cents: Mapped[int]
    commission_cents: Mapped[int] = mapped_column(default=0)
    kept_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    policy_id: Mapped[int | None]


class WriteOff(Tenant, Base):
    """What was open on an invoice and is given up; the invoice is closed by it. `reason` is a key of `write_off.py`."""

    __tablename__ = "write_off"
    __table_args__ = tenant_table(
        belongs_to("invoice_id", "invoice"),
        Index("ix_write_off_invoice", "agency_id", "invoice_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    invoice_id: Mapped[int]
    amount_cents: Mapped[int]
    reason: Mapped[str]
    note: Mapped[str]
    by: Mapped[str]
    booked_on: Mapped[date]
    at: Mapped[datetime]


class OneTimePlan(Tenant, Base):
    """What staff asked for at once: a one-time payment, or several on a schedule. `request_key`: one per form."""

    __tablename__ = "one_time_plan"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "request_key"))

    request_key: Mapped[str]
    payments: Mapped[int]
    created_at: Mapped[datetime]


class OneTimePart(Tenant, Base):
    """The invoice that is number so many of a plan; a corrected one takes the place of the one before."""

    __tablename__ = "one_time_part"
    __table_args__ = tenant_table(
        belongs_to("plan_id", "one_time_plan"),
        belongs_to("invoice_id", "invoice"),
        UniqueConstraint("agency_id", "plan_id", "number"),
        UniqueConstraint("agency_id", "invoice_id"),
    )

    plan_id: Mapped[int]
    number: Mapped[int]
    invoice_id: Mapped[int]


class InvoiceCounter(Tenant, Base):
    """The last number given in a year; a row of its own, so that numbering never scans invoices."""

    __tablename__ = "invoice_counter"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "year"))

    year: Mapped[int]
    last: Mapped[int]
