"""The agency's connection to its policy system, what it names differently, and everything that came in from there."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class PolicyConnection(Tenant, Base):
    """How one agency reaches its BindHQ, and how far it has read there. Key and webhook secrets are encrypted.

    `cursor` is the place in the feed of events, as BindHQ names it. `wake_at`: a webhook asks to read the feed again.
    `agencies_synced_at` and `swept_at`: when the last sync, and the last one of everything, began. `trouble_since` and
    `trouble`: BindHQ does not answer as it should, and how.
    """

    __tablename__ = "policy_connection"
    __table_args__ = tenant_table(UniqueConstraint("agency_id"))

    is_enabled: Mapped[bool] = mapped_column(default=False)
    base_url: Mapped[str] = mapped_column(default="")
    client_code: Mapped[str] = mapped_column(default="")
    api_key: Mapped[str] = mapped_column(default="")
    auth_header: Mapped[str] = mapped_column(default="X-Api-Key")
    auth_prefix: Mapped[str] = mapped_column(default="")
    webhook_secrets: Mapped[str] = mapped_column(default="")
    bank_account_id: Mapped[str] = mapped_column(default="")
    bank_account_name: Mapped[str] = mapped_column(default="")
    sends_link: Mapped[bool] = mapped_column(default=False)
    sends_offline_receipts: Mapped[bool] = mapped_column(default=False)
    strict_surplus_lines: Mapped[bool] = mapped_column(default=False)
    cursor: Mapped[str | None]
    polled_at: Mapped[datetime | None]
    wake_at: Mapped[datetime | None]
    agencies_synced_at: Mapped[datetime | None]
    swept_at: Mapped[datetime | None]
    trouble_since: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(default="")


class PolicyMapping(Tenant, Base):
    """What BindHQ calls something, and what it is here: kind is coverage, carrier, marketing_company or agency.

    `external_id` is BindHQ's id; of a coverage type its code. Unmapped while it names none of ours: `our_name`, and
    `our_code` where ours has one; which partner an agency is, partner_reference says. `detail` is what their export or
    their sync says of it: address, phone, contact. `digest` is of what the last sync read. Never deleted.
    """

    __tablename__ = "policy_mapping"
    __table_args__ = tenant_table(
        UniqueConstraint("agency_id", "kind", "external_id"),
        CheckConstraint("kind IN ('coverage', 'carrier', 'marketing_company', 'agency')", name="kind"),
    )

    kind: Mapped[str]
    external_id: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]]
    our_code: Mapped[str] = mapped_column(default="")
    our_name: Mapped[str] = mapped_column(default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    digest: Mapped[str] = mapped_column(default="")
    seen_at: Mapped[datetime]


class PolicyInsured(Tenant, Base):
    """Which of our insureds one of BindHQ's is."""

    __tablename__ = "policy_insured"
    __table_args__ = tenant_table(
        belongs_to("insured_id", "insured"),
        UniqueConstraint("agency_id", "external_id"),
        Index("ix_policy_insured_insured", "agency_id", "insured_id"),
    )

    external_id: Mapped[str]
    insured_id: Mapped[int]


class ImportRecord(Tenant, Base):
    """One object of BindHQ on its way in: each stands here once, so each is imported once.

    Type: policy, endorsement, agency or user. State: queued, processing, imported, failed, ignored or voided.
    `asked` counts what was heard of it, `worked` how far that is worked; `news` are the kinds of events not worked yet.
    `lease_until` and `attempts` say which worker has it. `version` is that of what was imported; `parent_id` the policy
    of an endorsement. `program_id`, `policy_id`, and of an endorsement of a program that was here `endorsement_id` and
    `invoice_id`, are what it became. `waits_for_debit`: it was voided while a payment was under way, and its end is
    waited for. `is_quiet`: nobody has to look at it.
    """

    __tablename__ = "policy_import"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"),
        belongs_to("policy_id", "policy"),
        belongs_to("endorsement_id", "endorsement"),
        belongs_to("invoice_id", "invoice"),
        UniqueConstraint("agency_id", "object_type", "object_id"),
        Index("ix_policy_import_state", "agency_id", "state", "id"),
        Index("ix_policy_import_program", "agency_id", "program_id"),
        Index("ix_policy_import_parent", "agency_id", "parent_id"),
        partial_index("ix_policy_import_due", "agency_id", "lease_until", where="state IN ('queued', 'processing')"),
        partial_index("ix_policy_import_waits", "agency_id", where="waits_for_debit"),
        CheckConstraint("object_type IN ('policy', 'endorsement', 'agency', 'user')", name="object_type"),
        CheckConstraint("state IN ('queued', 'processing', 'imported', 'failed', 'ignored', 'voided')", name="state"),
    )

    object_type: Mapped[str]
    object_id: Mapped[str]
    parent_id: Mapped[str | None]
    state: Mapped[str]
    asked: Mapped[int] = mapped_column(default=1)
    worked: Mapped[int] = mapped_column(default=0)
    news: Mapped[list[str]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=0)
    fingerprint: Mapped[str] = mapped_column(default="")
    failures: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    payload: Mapped[str] = mapped_column(default="")
    number: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    search_key: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    unanswered: Mapped[int] = mapped_column(default=0)
    is_quiet: Mapped[bool] = mapped_column(default=False)
    waits_for_debit: Mapped[bool] = mapped_column(default=False)
    program_id: Mapped[int | None]
    policy_id: Mapped[int | None]
    endorsement_id: Mapped[int | None]
    invoice_id: Mapped[int | None]
    heard_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class ImportAttempt(Tenant, Base):
    """One try at an import record: why, how it ended, and what stood against it.

    Trigger: event, staff or sweep. Outcome: imported, updated, failed, duplicate, ignored, voided, flagged or
    unanswered.
    """

    __tablename__ = "policy_import_attempt"
    __table_args__ = tenant_table(
        belongs_to("record_id", "policy_import"),
        Index("ix_policy_import_attempt_record", "agency_id", "record_id"),
    )

    record_id: Mapped[int]
    trigger: Mapped[str]
    by: Mapped[str] = mapped_column(default="")
    version: Mapped[int]
    outcome: Mapped[str]
    failures: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    at: Mapped[datetime]


class PolicyEvent(Tenant, Base):
    """A webhook that came in, kept by its id so that one that comes twice is known."""

    __tablename__ = "policy_event"
    __table_args__ = tenant_table(UniqueConstraint("agency_id", "event_id"))

    event_id: Mapped[str]
    kind: Mapped[str]
    received_at: Mapped[datetime]


class SyncRun(Tenant, Base):
    """One run of a job at BindHQ: kind is feed, agencies, sweep or receipts; `counts` what it did, by word.

    A run without `ended_at` goes on, or its worker died. `errors` are the first few, as people read them.
    """

    __tablename__ = "policy_sync_run"
    __table_args__ = tenant_table(Index("ix_policy_sync_run_kind", "agency_id", "kind", "started_at"))

    kind: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    errors: Mapped[list[str]] = mapped_column(JSON)
    cursor: Mapped[str | None]
