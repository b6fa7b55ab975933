"""What an agency has set for installments that are late, the fees that were charged, and notices of cancelation."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class LateSettings(Tenant, Base):
    """An agency's own settings; where there is no row, those of `LateTerms` hold."""

    __tablename__ = "late_settings"
    __table_args__ = tenant_table(UniqueConstraint("agency_id"))

    fee_is_charged: Mapped[bool]
    fee_rate: Mapped[Decimal]
    fee_after_days: Mapped[int]
    failed_fee_cents: Mapped[int]
    notices: Mapped[str] = mapped_column(server_default="ask")
    notice_after_days: Mapped[int] = mapped_column(server_default="10")
    notice_days: Mapped[int] = mapped_column(server_default="10")
    mailing_days: Mapped[int] = mapped_column(server_default="5")
    notices_by_post: Mapped[bool] = mapped_column(server_default=false())
    reinstatement_fee_cents: Mapped[int] = mapped_column(server_default="0")
    changed_at: Mapped[datetime]


class InstallmentFee(Tenant, Base):
    """A fee on an installment: late, once for each; failed, once for each payment that came back.

    It is an invoice of its own. `waived_reason` is a key of `late/fees.py`, `waived_note` what staff wrote.
    """

    __tablename__ = "installment_fee"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("installment_id", "invoice"),
        belongs_to("payment_id", "payment"),
        belongs_to("invoice_id", "invoice"),
        UniqueConstraint("agency_id", "invoice_id"),
        Index("ix_installment_fee_program", "agency_id", "program_id"),
        partial_index("ix_installment_fee_late", "agency_id", "installment_id", where="kind = 'late'", unique=True),
        partial_index("ix_installment_fee_failed", "agency_id", "payment_id", where="kind = 'failed'", unique=True),
        CheckConstraint("kind IN ('late', 'failed')", name="kind"),
        CheckConstraint("(kind = 'failed') = (payment_id IS NOT NULL)", name="payment"),
        CheckConstraint("(waived_at IS NULL) = (waived_reason IS NULL)", name="waived"),
    )

    kind: Mapped[str]
    program_id: Mapped[int]
    installment_id: Mapped[int]
    payment_id: Mapped[int | None]
    invoice_id: Mapped[int]
    charged_on: Mapped[date]
    waived_at: Mapped[datetime | None]
    waived_by: Mapped[str | None]
    waived_reason: Mapped[str | None]
    waived_note: Mapped[str | None]


class CancelNotice(Tenant, Base):
    """A notice of intent to cancel a financed program for non-payment; at most one of a program is live.

    It is made, confirmed where the agency asks for that, and sent: by e-mail at once, by post when staff say on which
    day it was mailed. Then its clock runs: until the end of `pay_by` what it names can be paid. It names the
    installments that are due by `through`. The PDF is stored once, as it was sent; `mail_on` is the day that stands on
    one printed for the post. `closed_for`: paid, withdrawn or canceled.
    """

    __tablename__ = "cancel_notice"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("loan_id", "loan"),
        belongs_to("file_id", "stored_file"),
        belongs_to("told_payment_id", "payment"),
        UniqueConstraint("agency_id", "number"),
        partial_index("ix_cancel_notice_live", "agency_id", "program_id", where="closed_at IS NULL", unique=True),
        Index("ix_cancel_notice_program", "agency_id", "program_id"),
        CheckConstraint("(closed_at IS NULL) = (closed_for IS NULL)", name="closed"),
        CheckConstraint("closed_for IN ('paid', 'withdrawn', 'canceled')", name="closed_for"),
        CheckConstraint("(sent_on IS NULL) = (pay_by IS NULL)", name="sent"),
        CheckConstraint("sent_on IS NULL OR (confirmed_at IS NOT NULL AND file_id IS NOT NULL)", name="order"),
        CheckConstraint("(file_id IS NULL) = (document_hash IS NULL)", name="file"),
        CheckConstraint("past_due_cents > 0 AND days > 0 AND mailing_days >= 0", name="figures"),
    )

    number: Mapped[str]
    program_id: Mapped[int]
    loan_id: Mapped[int]
    through: Mapped[date]
    past_due_cents: Mapped[int]
    us_state: Mapped[str]
    days: Mapped[int]
    mailing_days: Mapped[int]
    by_post: Mapped[bool]
    text_version: Mapped[str]
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None]
    mail_on: Mapped[date | None]
    file_id: Mapped[int | None]
    document_hash: Mapped[str | None]
    sent_on: Mapped[date | None]
    pay_by: Mapped[date | None]
    told_payment_id: Mapped[int | None]
    asked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_for: Mapped[str | None]
    closed_by: Mapped[str | None]


class Reinstatement(Tenant, Base):
    """An offer to let a canceled program go on: an invoice over what was past due, and a fee if one is set.

    It names the installments that are due by `through` and holds until the end of `expires_on`. `closed_for`: paid,
    lapsed or withdrawn. At most one of a program is open.
    """

    __tablename__ = "reinstatement"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("loan_id", "loan"),
        belongs_to("invoice_id", "invoice"),
        UniqueConstraint("agency_id", "invoice_id"),
        partial_index("ix_reinstatement_live", "agency_id", "program_id", where="closed_at IS NULL", unique=True),
        Index("ix_reinstatement_program", "agency_id", "program_id"),
        CheckConstraint("(closed_at IS NULL) = (closed_for IS NULL)", name="closed"),
        CheckConstraint("closed_for IN ('paid', 'lapsed', 'withdrawn')", name="closed_for"),
        CheckConstraint("past_due_cents > 0 AND fee_cents >= 0", name="figures"),
    )

    program_id: Mapped[int]
    loan_id: Mapped[int]
    invoice_id: Mapped[int]
    through: Mapped[date]
    past_due_cents: Mapped[int]
    fee_cents: Mapped[int]
    offered_on: Mapped[date]
    offered_by: Mapped[str]
    expires_on: Mapped[date]
    closed_at: Mapped[datetime | None]
    closed_for: Mapped[str | None]
