"""An operator's commands about personal data: hand it out, erase it, say how long records are kept."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from portal.agencies.keys import lookup_key
from portal.cli.deployment import deployment, find_agency, operator
from portal.core import clock
from portal.core.audit import record
from portal.core.tenancy import reading, writing
from portal.personal_data.erase import erase
from portal.personal_data.export import export_insured
from portal.personal_data.person import insured_by_reference
from portal.personal_data.retention import KINDS, days_of, set_days
from portal.web.services import services

_AGENCY = click.option("--agency", "slug", required=True, help="The agency's slug.")


@click.command("export-insured")
@_AGENCY
@click.argument("insured")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="The file; INSURED.zip if left out."
)
@with_appcontext
def export_insured_command(slug: str, insured: str, target: Path | None) -> None:
    """Write everything held about INSURED, by reference or e-mail address, into a ZIP: JSON, invoices and receipts."""
    parts = services()
    with deployment() as engine:
        agency, now = find_agency(engine, slug), clock.now()
        with reading(engine, agency.id) as session:
            insured_id = insured_by_reference(session, insured)
            content = export_insured(session, agency, lookup_key(agency, parts.box), insured_id, parts.renderer, now)
        with writing(engine, agency.id) as session:
            record(session, operator(), "insured.exported", "insured", insured_id, now)
    path = target or Path(f"insured-{insured_id}.zip")
    path.touch(mode=0o600)
    path.write_bytes(content)
    click.echo(f"Everything held about {insured} is in {path}. Hand it to nobody else.")


@click.command("erase-insured")
@_AGENCY
@click.argument("insured")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_insured_command(slug: str, insured: str, yes: bool) -> None:
    """Erase the personal data of INSURED, by reference or e-mail address, for good. Invoices and payments stay."""
    with deployment() as engine:
        agency = find_agency(engine, slug)
        with reading(engine, agency.id) as session:
            insured_id = insured_by_reference(session, insured)
        if not yes:
            click.confirm(f"Erase {insured} at {agency.name}? This cannot be undone.", abort=True)
        with writing(engine, agency.id) as session:
            erase(session, insured_id, operator(), clock.now())
    click.echo(f"{insured} is erased. Backups made until now still hold the data.")


@click.command("retention")
@_AGENCY
@click.argument("kind", required=False, type=click.Choice(list(KINDS)))
@click.argument("days", required=False, type=int)
def retention_command(slug: str, kind: str | None, days: int | None) -> None:
    """Show for how many days each kind of record is kept, or keep KIND for DAYS from now on."""
    with deployment() as engine:
        agency = find_agency(engine, slug)
        if kind is not None and days is not None:
            with writing(engine, agency.id) as session:
                before = days_of(session)[kind]
                set_days(session, kind, days)
                record(
                    session,
                    operator(),
                    "retention.set",
                    "agency",
                    agency.id,
                    clock.now(),
                    kind=kind,
                    days=[before, days],
                )
        with reading(engine, agency.id) as session:
            for name, kept in days_of(session).items():
                click.echo(f"{name:20} {kept:5} days")
