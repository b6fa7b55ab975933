"""The importer as an operator meets it."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, select

from portal.agencies.models import Agency
from portal.cli.demo_settings import as_environment
from portal.cli.import_programs import import_programs_command
from portal.core.tenancy import reading
from portal.imports import load
from portal.programs.models import Program
from portal.settings import Settings
from tests.factories.people import make_agency
from tests.factories.programs_file import csv_bytes


@pytest.fixture
def agency(engine: Engine) -> Agency:
    return make_agency(engine)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.csv"


@pytest.fixture
def run(settings: Settings, file: Path, agency: Agency) -> object:
    def invoke(*options: str) -> Result:
        arguments = [str(file), "--agency", agency.slug, *options]
        return CliRunner().invoke(import_programs_command, arguments, env=as_environment(settings))

    return invoke


def programs(engine: Engine, agency: Agency) -> int:
    with reading(engine, agency.id) as session:
        return session.scalar(select(func.count(Program.id))) or 0


def test_a_good_file(run, file: Path, engine: Engine, agency: Agency) -> None:
    file.write_bytes(csv_bytes({}, {"Program reference": "P-2", "Policy number": "N-2"}))
    result = run()
    assert result.exit_code == 0, result.output
    assert "Imported: 2 (policies: 2)" in result.output
    assert programs(engine, agency) == 2
    assert "Unchanged: 2" in run().output


def test_a_file_with_errors_imports_nothing(run, file: Path, engine: Engine, agency: Agency) -> None:
    file.write_bytes(csv_bytes({}, {"Program reference": "P-2", "ZIP": "x"}))
    result = run()
    assert result.exit_code == 1
    assert "line 3  ZIP “x”: This is not a ZIP code." in result.output
    assert "Nothing was imported." in result.output
    assert programs(engine, agency) == 0


def test_unless_told_to_skip(run, file: Path, engine: Engine, agency: Agency, tmp_path: Path) -> None:
    rows = (
        {},
        {"Program reference": "P-2", "ZIP": "x"},
        {"Program reference": "P-2", "Policy number": "=cmd|' /C x'!A0"},
    )
    file.write_bytes(csv_bytes(*rows, {"Program reference": "P-3", "Premium": "=1+1"}))
    report = tmp_path / "findings.csv"
    result = run("--skip-bad-rows", "--report", str(report))
    assert result.exit_code == 0, result.output
    assert "Left out because of errors: 2" in result.output
    assert programs(engine, agency) == 1
    with report.open(encoding="utf-8-sig", newline="") as opened:
        found = [row for row in csv.DictReader(opened) if row["Kind"] == "error"]
    assert [(row["Line"], row["Column"], row["Value"]) for row in found] == [
        ("3", "ZIP", "x"),
        ("5", "Premium", "'=1+1"),
    ]


def test_a_dry_run(run, file: Path, engine: Engine, agency: Agency) -> None:
    file.write_bytes(csv_bytes({}))
    assert "Would import: 1 (policies: 1)" in run("--dry-run").output
    assert programs(engine, agency) == 0


def test_changes_wait_for_update(run, file: Path) -> None:
    file.write_bytes(csv_bytes({}))
    run()
    file.write_bytes(csv_bytes({"Premium": "2000"}))
    assert "Premium “$1,000.00 → $2,000.00”: Not applied. Run it again with --update" in run().output
    assert "Updated (programs and insureds): 1" in run("--update").output


def test_a_workbook_and_an_unknown_agency(run, file: Path, settings: Settings) -> None:
    file.write_bytes(b"PK\x03\x04 and so on")
    result = run()
    assert result.exit_code == 1
    assert "Save As" in result.output
    result = CliRunner().invoke(
        import_programs_command, [str(file), "--agency", "nobody"], env=as_environment(settings)
    )
    assert "Agencies here: harbor." in result.output


def test_a_report_that_cannot_be_written_stops_it_before_it_begins(
    run, file: Path, engine: Engine, agency: Agency
) -> None:
    file.write_bytes(csv_bytes({}))
    result = run("--report", str(file / "findings.csv"))
    assert result.exit_code == 1
    assert "The report cannot be written" in result.output
    assert programs(engine, agency) == 0


def test_ctrl_c_keeps_what_has_come_in_and_says_so(
    run, file: Path, engine: Engine, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "CHUNK", 1)
    file.write_bytes(csv_bytes({}, {"Program reference": "P-2", "Policy number": "N-2"}))
    real = load.bind_programs

    def interrupted(session, drafts, binding):
        done = real(session, drafts, binding)
        if drafts[0].reference == "P-2":
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(load, "bind_programs", interrupted)
    result = run()
    assert result.exit_code == 1
    assert "The programs that have come in stay" in result.output
    assert programs(engine, agency) == 1
    monkeypatch.setattr(load, "bind_programs", real)
    assert "Imported: 1 (policies: 1)" in run().output
    assert programs(engine, agency) == 2
