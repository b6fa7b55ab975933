"""An operator gives an agency a logo: it is written anew; what is no picture is refused."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select

from portal.agencies.models import Agency
from portal.cli.demo_settings import as_environment
from portal.cli.logo import set_logo_command
from portal.core.audit import AuditEntry
from portal.core.tenancy import reading, reading_global
from portal.settings import Settings
from tests.core.test_pictures import with_exif
from tests.factories.people import make_agency


@pytest.fixture
def run(settings: Settings) -> object:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(set_logo_command, arguments, env=as_environment(settings))

    return invoke


def logo(engine: Engine) -> bytes | None:
    with reading_global(engine) as session:
        return session.scalar(select(Agency.logo))


def test_a_logo_is_written_anew_and_can_be_taken_away(run, engine: Engine, tmp_path: Path) -> None:
    agency = make_agency(engine, "oak")
    sent = tmp_path / "logo.jpg"
    sent.write_bytes(with_exif("JPEG", orientation=6))
    said = run("oak", str(sent))
    assert "shows its own logo" in said.output, said.output
    stored = logo(engine)
    assert stored is not None
    assert stored.startswith(b"\x89PNG")
    assert b"SecretCamera" not in stored
    with reading(engine, agency.id) as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["agency.logo_set"]
    assert "the logo of its brand folder" in run("oak").output
    assert logo(engine) is None


def test_what_is_no_picture_is_refused(run, engine: Engine, tmp_path: Path) -> None:
    make_agency(engine, "oak")
    sent = tmp_path / "logo.svg"
    sent.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    said = run("oak", str(sent))
    assert said.exit_code == 1
    assert "no picture that we can read" in said.output
    assert logo(engine) is None
