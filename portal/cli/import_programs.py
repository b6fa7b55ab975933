"""`flask import-programs`: an agency's file of policies comes in. See docs/importing.md."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from portal.agencies.keys import lookup_key
from portal.cli.deployment import deployment, find_agency, operator
from portal.core import clock
from portal.core.csv_cells import write_csv
from portal.core.tenancy import reading
from portal.imports.load import Loaded, load_programs
from portal.imports.partners import with_partners
from portal.imports.programs_csv import ProgramFile, read_programs
from portal.imports.report import HEADER, Finding, change_findings, problem_findings
from portal.servicing.bind import Binding
from portal.settings import load_settings

SHOWN = 50
STOPPED = "Stopped. The programs that have come in stay, each of them whole; run it again and the rest follows."


@click.command("import-programs")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--agency", "slug", required=True, help="The agency's slug.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, change nothing.")
@click.option("--skip-bad-rows", is_flag=True, help="Import the programs without an error, leave out the others.")
@click.option("--update", is_flag=True, help="Apply changes: contact data always, the rest while nothing is paid.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write every finding to this CSV file.")
def import_programs_command(
    file: Path, slug: str, dry_run: bool, skip_bad_rows: bool, update: bool, report: Path | None
) -> None:
    """Import FILE, a CSV file with one row a policy. Nothing is mailed; the same file again changes nothing.

    A file with errors imports nothing and ends with status 1, unless --skip-bad-rows is given.
    """
    console = Console()
    with deployment() as engine:
        agency = find_agency(engine, slug)
        content = file.read_bytes()
        if report is not None:
            _write(report, ())  # before anything is done: it must not fail afterwards
        with reading(engine, agency.id) as session:
            read = with_partners(session, read_programs(content))
        findings = list(problem_findings(read.problems))
        refused = bool(read.errors) and not (skip_bad_rows and read.programs)
        loaded = Loaded()
        if not refused:
            now = clock.now()
            key = lookup_key(agency, load_settings().box)
            binding = Binding(operator(), key, clock.local_date(now, agency.time_zone), now)
            with _progress(console) as progress:
                task = progress.add_task("Checking" if dry_run else "Importing", total=len(read.programs))
                try:
                    loaded = load_programs(
                        engine,
                        agency.id,
                        read,
                        binding,
                        update=update,
                        dry_run=dry_run,
                        on_progress=lambda programs: progress.advance(task, programs),
                    )
                except KeyboardInterrupt as error:
                    raise click.ClickException(STOPPED) from error
            findings += change_findings(loaded.changed)
    _show(console, findings, report)
    if report is not None:
        _write(report, findings)
        console.print(f"Every finding is in {escape(str(report))}.", soft_wrap=True)
    _summary(console, read, loaded, refused, dry_run)
    if refused:
        raise SystemExit(1)


def _write(report: Path, findings: Sequence[Finding]) -> None:
    try:
        with report.open("w", encoding="utf-8-sig", newline="") as out:
            write_csv(out, HEADER, (finding.cells for finding in findings))
    except OSError as error:
        raise click.ClickException(f"The report cannot be written to {report}: {error.strerror}.") from error


def _progress(console: Console) -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("programs")
    return Progress(*columns, TimeRemainingColumn(), console=console)


def _show(console: Console, findings: Sequence[Finding], report: Path | None) -> None:
    """The findings, errors first; a long list is cut."""
    if not findings:
        return
    order = ("error", "left", "changed", "warning")
    ranked = sorted(findings, key=lambda finding: order.index(finding.kind))
    for finding in ranked[:SHOWN]:
        console.print(_line(finding), soft_wrap=True)
    if len(ranked) > SHOWN and report is None:
        console.print(f"… and {len(ranked) - SHOWN:,} more. Add --report findings.csv to get them all.")


def _line(finding: Finding) -> str:
    """error  line 31  ZIP “x”: This is not a ZIP code. … (P-99)"""
    colour = {"error": "red", "warning": "yellow", "changed": "green", "left": "magenta"}[finding.kind]
    line = f"line {finding.line}  " if finding.line else ""
    value = f" “{finding.value}”" if finding.value else ""
    about = f" ({finding.about})" if finding.about else ""
    said = escape(f"{line}{finding.column}{value}: {finding.advice}{about}")
    return f"[{colour}]{finding.kind:<7}[/]  {said}"


def _summary(console: Console, read: ProgramFile, loaded: Loaded, refused: bool, dry_run: bool) -> None:
    console.print(f"Rows read: {read.rows:,}; errors: {len(read.errors):,}, warnings: {len(read.warnings):,}")
    if refused:
        console.print(
            "[red]Nothing was imported.[/] Correct the errors and run it again, "
            "or add --skip-bad-rows to leave out the programs concerned.",
            soft_wrap=True,
        )
        return
    left = sum(changed.why_not is not None for changed in loaded.changed)
    said = [
        ("Imported", "Would import", loaded.created),
        ("Unchanged", "Unchanged", loaded.unchanged),
        ("Updated (programs and insureds)", "Would update (programs and insureds)", loaded.updated),
        ("Changed, and left as they are", "Changed, and left as they are", left),
        ("Left out because of errors", "Left out because of errors", len(read.bad_programs)),
    ]
    for done, would, number in said:
        if number or done == "Imported":
            policies = f" (policies: {loaded.policies:,})" if done == "Imported" and number else ""
            console.print(f"{would if dry_run else done}: {number:,}{policies}", soft_wrap=True)
