"""What the portal's own role may do in PostgreSQL: it owns nothing, and has the grants written here.

With it row-level security is in force: owners with BYPASSRLS, as migrations need it, and superusers are above it.
"""

from sqlalchemy import Connection, Engine

from portal.core.db import Base

APPEND_ONLY = frozenset({"audit_entry", "audit_seal", "journal_entry", "journal_line", "mandate", "signature"})
"""Written once: what was done and authorized, and the books. Triggers refuse changes by anybody else too (revisions
0003 and 0004)."""

DELETABLE = frozenset(
    {
        "access_try",
        "agency_host",
        "api_answer",
        "check_image",
        "dead_address",
        "email_change",
        "gateway_event",
        "guest_hour",
        "guest_key",
        "insured_email",
        "lending_terms",
        "one_time_word",
        "outbox",
        "personal_key",
        "policy_event",
        "policy_insured",
        "policy_sync_run",
        "program_document",
        "program_note",
        "program_word",
        "policy",
        "sign_in_challenge",
        "sign_in_session",
        "staff_factor",
        "staff_recovery_code",
        "staff_task",
        "stored_file",
    }
)
"""Rows that the portal deletes; of policies those of drafts, since the books refer to the others.

A test compares this with what the code does."""

FIRST_WITH_MAINTAIN = 17
"""PostgreSQL from this version on lets a role that is not the owner keep the planner's statistics fresh."""


class AboveTheLaw(RuntimeError):
    """The portal would work with a role that row-level security does not bind."""


def privileges(table: str) -> str:
    """What the role may do with a table.

    >>> privileges("journal_line"), privileges("guest_key"), privileges("invoice")
    ('SELECT, INSERT', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, INSERT, UPDATE')
    """
    if table in APPEND_ONLY:
        return "SELECT, INSERT"
    return "SELECT, INSERT, UPDATE, DELETE" if table in DELETABLE else "SELECT, INSERT, UPDATE"


def grant_app_role(connection: Connection, role: str) -> None:
    """Give the role exactly its grants, whatever it had before.

    Args:
        connection: the owner's, to PostgreSQL, in a transaction.
        role: exists already; the operator has made it.
    """
    quoted = connection.dialect.identifier_preparer.quote(role)
    version = int((connection.dialect.server_version_info or (0,))[0])
    maintain = ", MAINTAIN" if version >= FIRST_WITH_MAINTAIN else ""
    statements = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {quoted}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {quoted}",
        f"GRANT USAGE ON SCHEMA public TO {quoted}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}",
        f"GRANT SELECT ON alembic_version TO {quoted}",
    ]
    statements += [f"GRANT {privileges(table)}{maintain} ON {table} TO {quoted}" for table in Base.metadata.tables]
    for statement in statements:
        connection.exec_driver_sql(statement)


def require_bound_role(engine: Engine) -> None:
    """Make sure that row-level security binds the role that an engine works with. SQLite has no roles.

    Raises:
        AboveTheLaw: it does not; says what to do.
    """
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        role, above = connection.exec_driver_sql(
            "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).one()
    if above:
        raise AboveTheLaw(
            f"The role {role} is a superuser or has BYPASSRLS: PostgreSQL would not keep agencies apart. "
            "Give the portal a role of its own in PORTAL_DATABASE_URL, and the owner's URL in "
            "PORTAL_MIGRATION_DATABASE_URL (docs/operations.md, “PostgreSQL: two roles”)."
        )
