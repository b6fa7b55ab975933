"""Insureds and their e-mail addresses."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class Insured(Tenant, Base):
    """The customer named on the policies. The ZIP of the mailing address is the guest key.

    `country` is two letters; outside the US there is no ZIP, and others pay by link.
    One that was merged into another customer keeps its reference, and nothing else.
    """

    __tablename__ = "insured"
    __table_args__ = tenant_table(
        Index("ix_insured_reference", "agency_id", "reference", unique=True),
        Index("ix_insured_name", "agency_id", "name"),
        partial_index("ix_insured_merged", "agency_id", "merged_into_id", where="merged_into_id IS NOT NULL"),
    )

    reference: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="business")
    contact_first_name: Mapped[str] = mapped_column(default="")
    contact_last_name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    address_line1: Mapped[str]
    address_line2: Mapped[str] = mapped_column(default="")
    city: Mapped[str]
    state: Mapped[str]
    postal_code: Mapped[str]
    country: Mapped[str] = mapped_column(default="US")
    locale: Mapped[str] = mapped_column(default="en_US")
    created_at: Mapped[datetime]
    merged_into_id: Mapped[int | None]


class InsuredEmail(Tenant, Base):
    """An address of an insured, lower-case. In one agency the address is the login identity."""

    __tablename__ = "insured_email"
    __table_args__ = tenant_table(
        belongs_to("insured_id", "insured"),
        UniqueConstraint("agency_id", "email", "insured_id"),
        Index("ix_insured_email_insured", "agency_id", "insured_id"),
    )

    insured_id: Mapped[int]
    email: Mapped[str]
