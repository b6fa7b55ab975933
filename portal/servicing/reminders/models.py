"""Reminders that were decided, which steps they were for, and payment links that staff send."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class LinkSequence(Tenant, Base):
    """A payment link that staff send until it is paid: at once, and on further days.

    `days` are those of its mails from `first_on` on, parted by commas, as they were set when it began. It asks for what
    is due until `due_until`: the last due date of what it asked for at first.
    """

    __tablename__ = "link_sequence"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("invoice_id", "invoice"),
        CheckConstraint("(program_id IS NULL) <> (invoice_id IS NULL)", name="one_target"),
        CheckConstraint("ended_why IN ('settled', 'stopped', 'sent')", name="ended_why"),
        partial_index("ix_link_sequence_program", "agency_id", "program_id", where="ended_at IS NULL", unique=True),
        partial_index("ix_link_sequence_invoice", "agency_id", "invoice_id", where="ended_at IS NULL", unique=True),
    )

    program_id: Mapped[int | None]
    invoice_id: Mapped[int | None]
    first_on: Mapped[date]
    days: Mapped[str]
    due_until: Mapped[date]
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]

    @property
    def day_numbers(self) -> tuple[int, ...]:
        """The days of its mails, in order."""
        return tuple(int(number) for number in self.days.split(","))


class Reminder(Tenant, Base):
    """One mail to whoever pays a program or a one-time payment, decided on a day; one outbox row for each address.

    Kind: upcoming, overdue, link, by_hand. `key` is what keeps it from being decided twice: there is one for each
    program and day. `addresses` is to how many it was put on its way. A mail that was no longer due when it was to
    leave is dropped: why is "settled", "replaced" (a later one is on its way) or "no_address".
    """

    __tablename__ = "reminder"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("invoice_id", "invoice"),
        belongs_to("sequence_id", "link_sequence"),
        UniqueConstraint("agency_id", "key"),
        CheckConstraint("(program_id IS NULL) <> (invoice_id IS NULL)", name="one_target"),
        CheckConstraint("kind IN ('upcoming', 'overdue', 'link', 'by_hand')", name="kind"),
        Index("ix_reminder_day", "agency_id", "day"),
        Index("ix_reminder_program", "agency_id", "program_id"),
        Index("ix_reminder_invoice", "agency_id", "invoice_id"),
        partial_index(
            "ix_reminder_link", "agency_id", "sequence_id", "number", where="sequence_id IS NOT NULL", unique=True
        ),
    )

    key: Mapped[str]
    kind: Mapped[str]
    program_id: Mapped[int | None]
    invoice_id: Mapped[int | None]
    sequence_id: Mapped[int | None]
    number: Mapped[int | None]
    day: Mapped[date]
    decided_at: Mapped[datetime]
    cents: Mapped[int]
    addresses: Mapped[int]
    dropped_at: Mapped[datetime | None]
    dropped_why: Mapped[str | None]


class ReminderStep(Tenant, Base):
    """A step of an invoice that a reminder was for: once for each due date it has had."""

    __tablename__ = "reminder_step"
    __table_args__ = tenant_table(
        belongs_to("reminder_id", "reminder"),
        belongs_to("invoice_id", "invoice"),
        UniqueConstraint("agency_id", "invoice_id", "due_date", "step"),
        Index("ix_reminder_step_reminder", "agency_id", "reminder_id"),
    )

    reminder_id: Mapped[int]
    invoice_id: Mapped[int]
    due_date: Mapped[date]
    step: Mapped[str]
