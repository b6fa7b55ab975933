"""An operator hands out, erases, and says for how long records are kept."""

import json
import stat
import zipfile
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, select

from portal.cli.demo_settings import as_environment
from portal.core.audit import AuditEntry
from portal.core.tenancy import reading
from portal.insureds.models import Insured
from portal.settings import Settings
from tests.personal_data.family import Family, make_family


@pytest.fixture
def family(engine: Engine) -> Family:
    return make_family(engine)


@pytest.fixture
def run(app: Flask, settings: Settings, family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command as an operator types it."""
    monkeypatch.chdir(tmp_path)

    def invoke(name: str, *arguments: str, typed: str = "") -> Result:
        return app.test_cli_runner().invoke(
            args=[name, "--agency", "harbor", *arguments], input=typed, env=as_environment(settings)
        )

    return invoke


def actions(engine: Engine, family: Family) -> list[str]:
    with reading(engine, family.agency.id) as session:
        return list(session.scalars(select(AuditEntry.action).where(AuditEntry.actor_kind == "operator")))


def test_an_export_is_a_file_for_its_owner_alone(run, engine: Engine, family: Family) -> None:
    made = run("export-insured", "REF-Zoequux", "--to", "zoe.zip")
    assert made.output == "Everything held about REF-Zoequux is in zoe.zip. Hand it to nobody else.\n"
    assert stat.S_IMODE(Path("zoe.zip").stat().st_mode) == 0o600
    with zipfile.ZipFile("zoe.zip") as file:
        assert json.loads(file.read("data.json"))["insured"][0]["name"] == "Zoequux Family LLC"
    assert actions(engine, family) == ["insured.exported"]


def test_an_erasure_asks_first(run, engine: Engine, family: Family) -> None:
    assert run("erase-insured", "REF-Zoequux", typed="n\n").exit_code == 1
    assert actions(engine, family) == []
    assert "is erased" in run("erase-insured", "REF-Zoequux", typed="y\n").output
    assert actions(engine, family) == ["insured.erased"]
    with reading(engine, family.agency.id) as session:
        assert session.get_one(Insured, family.zoe.insured_id).name == "Erased customer"


def test_who_is_not_found_is_said(run) -> None:
    for command in "export-insured", "erase-insured":
        found = run(command, "nobody")
        assert (found.exit_code, "not the reference or address of one insured" in found.stderr) == (1, True)


def test_days_are_shown_and_set(run, engine: Engine, family: Family) -> None:
    assert "tries                   30 days" in run("retention").output
    assert "tries                   60 days" in run("retention", "tries", "60").output
    assert "Between 2 and 3650 days" in run("retention", "tries", "1").stderr
    assert actions(engine, family) == ["retention.set"]
