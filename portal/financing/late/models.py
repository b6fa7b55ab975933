"""What an agency has set for installments that are late, and the fees that were charged."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

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
