"""An operator's command: the logo of an agency."""

from pathlib import Path

import click

from portal.agencies.logo import set_logo
from portal.cli.deployment import deployment, find_agency, operator
from portal.core import clock
from portal.core.audit import record
from portal.core.errors import BadInput
from portal.core.tenancy import writing, writing_global

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("set-logo")
@click.argument("slug")
@click.argument("file", type=_FILE, required=False)
def set_logo_command(slug: str, file: Path | None) -> None:
    """Show FILE (PNG, JPEG, WebP; at most 512 KB) as the logo of SLUG; without FILE, its brand folder's."""
    with deployment() as engine:
        agency = find_agency(engine, slug)
        try:
            with writing_global(engine) as session:
                set_logo(session, agency.id, file.read_bytes() if file else None)
        except BadInput as error:
            raise click.ClickException(str(error.message)) from error
        with writing(engine, agency.id) as scoped:
            record(scoped, operator(), "agency.logo_set", "agency", agency.id, clock.now(), has_own=file is not None)
    click.echo(f"{agency.name} shows {'its own logo' if file else 'the logo of its brand folder'}.")
