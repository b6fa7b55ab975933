"""What was mailed to whom, and an agency's own words for its mails."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.core.db import Base
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class SentMail(Tenant, Base):
    """A mail that left, or was refused for good, about a program or a payment. `dedupe_key` is the outbox row's."""

    __tablename__ = "sent_mail"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("payment_id", "payment"),
        UniqueConstraint("agency_id", "kind", "dedupe_key"),
        Index("ix_sent_mail_program", "agency_id", "program_id"),
        Index("ix_sent_mail_payment", "agency_id", "payment_id"),
    )

    kind: Mapped[str]
    dedupe_key: Mapped[str]
    to: Mapped[str]
    subject: Mapped[str]
    text_body: Mapped[str]
    html_body: Mapped[str]
    program_id: Mapped[int | None]
    payment_id: Mapped[int | None]
    sent_at: Mapped[datetime]
    refused: Mapped[str | None]


class MailText(Tenant, Base):
    """A version of an agency's own words for a kind of mail in a language; all empty: the standard words again."""

    __tablename__ = "mail_text"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "kind", "language", "version"))

    kind: Mapped[str]
    language: Mapped[str]
    version: Mapped[int]
    subject: Mapped[str]
    opening: Mapped[str]
    closing: Mapped[str]
    written_by: Mapped[str]
    written_at: Mapped[datetime]
