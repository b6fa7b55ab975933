"""An operator's command: whether an agency takes bank debits."""

import click

from portal.agencies.models import Agency
from portal.cli.deployment import deployment, find_agency, operator
from portal.core import clock
from portal.core.audit import record
from portal.core.tenancy import writing, writing_global


@click.command("set-bank-debits")
@click.argument("slug")
@click.option("--take/--refuse", "is_taken", default=True, help="Whether payers may pay by bank account.")
def set_bank_debits_command(slug: str, is_taken: bool) -> None:
    """Let payers of the agency SLUG pay by bank account, or by card only. What is under way goes on."""
    with deployment() as engine:
        agency = find_agency(engine, slug)
        with writing_global(engine) as session:
            session.get_one(Agency, agency.id).takes_bank_debits = is_taken
        with writing(engine, agency.id) as scoped:
            record(
                scoped, operator(), "bank_debits.set", "agency", agency.id, clock.now(),
                before=agency.takes_bank_debits, after=is_taken,
            )  # fmt: skip
        click.echo(f"{agency.name} takes payments by card{' and by bank account' if is_taken else ' only'}.")
