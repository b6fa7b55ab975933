"""Finance agreements: what an agency lends on, its texts, the loans, their installments and signatures."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class LendingTerms(Tenant, Base):
    """What is lent on: by the agency's default, or for one program.

    `plans` are kept as written by `financing/lifecycle.py`: "10x1 9x1 3x3", installments times months between.
    """

    __tablename__ = "lending_terms"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        UniqueConstraint("agency_id", "program_id"),
        partial_index("ix_lending_terms_default", "agency_id", where="program_id IS NULL", unique=True),
        CheckConstraint("refund_method IN ('actuarial', 'rule_of_78')", name="refund_method"),
    )

    program_id: Mapped[int | None]
    is_offered: Mapped[bool]
    down_payment_rate: Mapped[Decimal]
    note_rate: Mapped[Decimal]
    plans: Mapped[str]
    refund_method: Mapped[str] = mapped_column(default="actuarial")
    lender_name: Mapped[str]
    lender_address: Mapped[str]
    changed_at: Mapped[datetime]


class AgreementText(Tenant, Base):
    """The agency's own terms of its agreements, a row for each version; what was signed keeps its version."""

    __tablename__ = "agreement_text"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "version"))

    version: Mapped[int]
    body: Mapped[str]
    written_by: Mapped[str]
    written_at: Mapped[datetime]


class Loan(Tenant, Base):
    """A finance agreement, from its signature on.

    State: signed, bound (the down payment has come), paid_off, withdrawn (before that, for another way to pay) or
    canceled; `financing/lifecycle.py` has the legal moves. At most one of a program is signed or bound.
    Its invoices are the down payment, what the loan pays instead of the insured, and the one in full that both replace.
    `signed_hash` is the SHA-256 of the signed PDF. A `late_fee_rate` of 0: the agreement names no late fee.
    """

    __tablename__ = "loan"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("down_invoice_id", "invoice"),
        belongs_to("financed_invoice_id", "invoice"),
        belongs_to("replaced_invoice_id", "invoice"),
        belongs_to("text_id", "agreement_text"),
        belongs_to("signed_file_id", "stored_file"),
        UniqueConstraint("agency_id", "number"),
        partial_index("ix_loan_live", "agency_id", "program_id", where="state IN ('signed', 'bound')", unique=True),
        Index("ix_loan_program", "agency_id", "program_id"),
        Index("ix_loan_down_invoice", "agency_id", "down_invoice_id"),
        CheckConstraint("state IN ('signed', 'bound', 'paid_off', 'withdrawn', 'canceled')", name="state"),
        CheckConstraint("refund_method IN ('actuarial', 'rule_of_78')", name="refund_method"),
    )

    number: Mapped[str]
    program_id: Mapped[int]
    down_invoice_id: Mapped[int]
    financed_invoice_id: Mapped[int]
    replaced_invoice_id: Mapped[int]
    text_id: Mapped[int | None]
    signed_file_id: Mapped[int]
    signed_hash: Mapped[str]
    state: Mapped[str]
    down_payment_rate: Mapped[Decimal]
    note_rate: Mapped[Decimal]
    apr: Mapped[Decimal]
    months_between: Mapped[int]
    first_day: Mapped[date]
    down_payment_cents: Mapped[int]
    amount_financed_cents: Mapped[int]
    finance_charge_cents: Mapped[int]
    stamp_tax_cents: Mapped[int] = mapped_column(default=0)
    late_fee_rate: Mapped[Decimal] = mapped_column(default=Decimal(0), server_default="0")
    late_fee_after_days: Mapped[int] = mapped_column(default=0, server_default="0")
    refund_method: Mapped[str]
    lender_name: Mapped[str]
    lender_address: Mapped[str]
    signed_at: Mapped[datetime]
    bound_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    funded_on: Mapped[date | None]
    funded_cents: Mapped[int | None]
    funding_reference: Mapped[str | None]


class LoanInstallment(Tenant, Base):
    """An installment as agreed; from the down payment on it is an invoice too."""

    __tablename__ = "loan_installment"
    __table_args__ = tenant_table(
        belongs_to("loan_id", "loan"),
        belongs_to("invoice_id", "invoice"),
        UniqueConstraint("agency_id", "loan_id", "number"),
        Index("ix_loan_installment_invoice", "agency_id", "invoice_id"),
        CheckConstraint("payment_cents = principal_cents + interest_cents", name="payment"),
    )

    loan_id: Mapped[int]
    number: Mapped[int]
    due_date: Mapped[date]
    payment_cents: Mapped[int]
    interest_cents: Mapped[int]
    principal_cents: Mapped[int]
    balance_cents: Mapped[int]
    invoice_id: Mapped[int | None]
    interest_booked_on: Mapped[date | None]


class Signature(Tenant, Base):
    """Who signed what: written once. `document_hash` is the SHA-256 of the PDF that was read and signed."""

    __tablename__ = "signature"
    __table_args__ = tenant_table(belongs_to("loan_id", "loan"), UniqueConstraint("agency_id", "loan_id"))

    loan_id: Mapped[int]
    typed_name: Mapped[str]
    signer_email: Mapped[str]
    consent: Mapped[str]
    signed_at: Mapped[datetime]
    ip: Mapped[str]
    browser: Mapped[str]
    document_hash: Mapped[str]


class Checkout(Tenant, Base):
    """How far somebody has come with the first payment of a program, so that it can be continued later."""

    __tablename__ = "checkout"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        UniqueConstraint("agency_id", "program_id"),
    )

    program_id: Mapped[int]
    step: Mapped[str]
    plan: Mapped[str]
    changed_at: Mapped[datetime]
