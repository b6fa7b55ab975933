"""Sign-in challenges, sessions, changes of address, second factors and counted tries."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, partial_index
from portal.core.tenancy import Tenant, belongs_to, tenant_table


class SignInChallenge(Tenant, Base):
    """One request to sign in. The link's token and the code are derived from `public_id`; none is stored."""

    __tablename__ = "sign_in_challenge"
    __table_args__ = tenant_table(
        UniqueConstraint("public_id"), Index("ix_sign_in_challenge_email", "agency_id", "email", "created_at")
    )

    public_id: Mapped[str]
    email: Mapped[str]
    browser_hash: Mapped[str]
    next_path: Mapped[str]
    locale: Mapped[str]
    ip: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    code_tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class SignInSession(Tenant, Base):
    """A signed-in browser; the cookie holds the token, the row its SHA-256.

    `challenge` is what a passkey is asked to sign in this browser, once, until `challenge_until`. Where a staff member
    looks at the portal as a customer sees it, `viewing_email` is as whom, until `viewing_until`.
    """

    __tablename__ = "sign_in_session"
    __table_args__ = tenant_table(
        UniqueConstraint("token_hash"),
        Index("ix_sign_in_session_email", "agency_id", "email"),
        partial_index("ix_sign_in_session_viewing", "agency_id", where="viewing_until IS NOT NULL"),
    )

    token_hash: Mapped[str]
    email: Mapped[str]
    ip: Mapped[str]
    browser: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    second_factor_at: Mapped[datetime | None]
    challenge: Mapped[str | None]
    challenge_until: Mapped[datetime | None]
    viewing_email: Mapped[str | None]
    viewing_insured_id: Mapped[int | None]
    viewing_until: Mapped[datetime | None]


class EmailChange(Tenant, Base):
    """An insured's address on its way to another one: in force when both mailboxes have confirmed, or staff has.

    The tokens of the two mails are derived from `public_id`. Outcome: changed, refused or replaced.
    """

    __tablename__ = "email_change"
    __table_args__ = tenant_table(
        UniqueConstraint("public_id"), Index("ix_email_change_old_email", "agency_id", "old_email")
    )

    public_id: Mapped[str]
    old_email: Mapped[str]
    new_email: Mapped[str]
    locale: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    old_confirmed_at: Mapped[datetime | None]
    new_confirmed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class StaffFactor(Tenant, Base):
    """A second factor of a staff member. Kind: totp or passkey.

    `secret` is the encrypted seed or the passkey's public key; `counter` the last time step or signature
    count that was used, so that nothing seen once works twice. It counts from `confirmed_at` on.
    """

    __tablename__ = "staff_factor"
    __table_args__ = tenant_table(
        belongs_to("staff_id", "staff_member"),
        UniqueConstraint("agency_id", "credential_id"),
        Index("ix_staff_factor_staff", "agency_id", "staff_id"),
    )

    staff_id: Mapped[int]
    kind: Mapped[str]
    name: Mapped[str]
    credential_id: Mapped[str | None]
    secret: Mapped[str]
    counter: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class StaffRecoveryCode(Tenant, Base):
    """One of the codes for the day the second factor is lost; only a digest is kept, and it works once."""

    __tablename__ = "staff_recovery_code"
    __table_args__ = tenant_table(
        belongs_to("staff_id", "staff_member"), UniqueConstraint("agency_id", "staff_id", "code_hash")
    )

    staff_id: Mapped[int]
    code_hash: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Try(Tenant, Base):
    """A counted try: what kind, by or at whom (a keyed digest), and whether it missed."""

    __tablename__ = "access_try"
    __table_args__ = tenant_table(
        belongs_to("program_id", "program"), Index("ix_access_try_subject", "agency_id", "kind", "subject", "at")
    )

    kind: Mapped[str]
    subject: Mapped[str]
    missed: Mapped[bool]
    at: Mapped[datetime]
    program_id: Mapped[int | None]


class ApiKey(Tenant, Base):
    """A key by which the agency's own systems use the API. The row has its SHA-256; `hint` are its last letters.

    `scopes` are what it may do, with a space between.
    """

    __tablename__ = "api_key"
    __table_args__ = tenant_table(UniqueConstraint("token_hash"))

    name: Mapped[str]
    token_hash: Mapped[str]
    hint: Mapped[str]
    scopes: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str] = mapped_column(default="")


class ApiAnswer(Tenant, Base):
    """What a request with an Idempotency-Key was answered, for a day: asked again, it is answered the same.

    `fingerprint` is a digest of the request.
    """

    __tablename__ = "api_answer"
    __table_args__ = tenant_table(
        belongs_to("key_id", "api_key"), UniqueConstraint("agency_id", "key_id", "idempotency_key")
    )

    key_id: Mapped[int]
    idempotency_key: Mapped[str]
    fingerprint: Mapped[str]
    status: Mapped[int]
    body: Mapped[str]
    at: Mapped[datetime]
