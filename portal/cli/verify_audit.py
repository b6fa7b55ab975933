"""`flask verify-audit`: whether the audit of every agency is what was written."""

import click
from sqlalchemy import func, select

from portal.agencies.models import Agency
from portal.cli.deployment import deployment, find_agency
from portal.core.audit import AuditEntry
from portal.core.audit_seals import AuditSeal, find_tampering
from portal.core.secrets import AUDIT_SEALS, derive_key
from portal.core.tenancy import reading, reading_global
from portal.settings import load_settings


@click.command("verify-audit")
@click.option("--agency", "slug", help="Only this one; every agency if left out.")
def verify_audit_command(slug: str | None) -> None:
    """Find entries of the audit that were edited, deleted or inserted after they were sealed; then status 1."""
    key = derive_key(load_settings().secret_key.get_secret_value(), AUDIT_SEALS)
    tampered = False
    with deployment() as engine:
        if slug is None:
            with reading_global(engine) as unscoped:
                agencies = list(unscoped.scalars(select(Agency).order_by(Agency.slug)))
        else:
            agencies = [find_agency(engine, slug)]
        for agency in agencies:
            with reading(engine, agency.id) as session:
                found = list(find_tampering(session, key))
                seals, last = session.execute(select(func.count(AuditSeal.id), func.max(AuditSeal.to_id))).one()
                waiting = session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.id > (last or 0)))
            for line in found:
                click.echo(f"{agency.slug}: {line}")
            if not found:
                click.echo(f"{agency.slug}: {seals} seals hold; {waiting} newer entries wait for theirs.")
            tampered = tampered or bool(found)
    if tampered:
        raise SystemExit(1)
