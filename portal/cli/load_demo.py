"""`flask load-demo`: the sample agencies, without the rest of `make demo`."""

from pathlib import Path

import click

from portal.cli.demo_data.load import load_demo
from portal.cli.demo_data.programs import PREFIXES, programs_file
from portal.core import clock
from portal.settings import load_settings


@click.command("load-demo")
@click.option("--files", type=click.Path(file_okay=False, path_type=Path), help="Also write the CSV files here.")
def load_demo_command(files: Path | None) -> None:
    """Load two sample agencies, in the demo only; a second time changes nothing."""
    settings = load_settings()
    if not settings.is_demo:
        raise click.ClickException("Sample data belongs to PORTAL_MODE=demo only.")
    load_demo(settings)
    if files is not None:
        files.mkdir(parents=True, exist_ok=True)
        for slug in PREFIXES:
            (files / f"{slug}.csv").write_text(programs_file(slug, clock.now().date()), "utf-8", newline="")
    click.echo("Two sample agencies are loaded: harborline and juniper-oak.")
