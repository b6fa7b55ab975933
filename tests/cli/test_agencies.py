"""An operator sets up an agency."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select

from portal.agencies.keys import read_keys
from portal.agencies.models import Agency, ProcessorAccount, StaffMember
from portal.cli.agencies import (
    add_staff_command,
    create_agency_command,
    issue_payment_link_command,
    set_keys_command,
)
from portal.cli.demo import as_environment
from portal.cli.verify_ledger import verify_ledger_command
from portal.core.secrets import SecretBox
from portal.core.tenancy import reading, reading_global, writing
from portal.settings import Settings
from tests.factories.people import make_agency, make_insured, make_invoice, make_program


@pytest.fixture
def run(settings: Settings) -> object:
    def invoke(command, *arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(command, arguments, input=typed, env=as_environment(settings))

    return invoke


def test_an_agency_from_nothing_to_keys(run, engine: Engine, settings: Settings, tmp_path: Path) -> None:
    made = run(create_agency_command, "acme", "--name", "Acme", "--phone", "555-0100", "--email", "Pay@Acme.example")
    assert "http://localhost/acme/" in made.output, made.output
    with reading_global(engine) as session:
        agency = session.scalars(select(Agency)).one()
    assert (agency.name, agency.email) == ("Acme", "pay@acme.example")
    secret = tmp_path / "secret"
    secret.write_text("sk_test_very_secret\n")
    options = "--account", "acct_1", "--publishable-key", "pk_test_1", "--secret-key-file", str(secret)
    done = run(set_keys_command, "acme", *options, typed="whsec_1\n")
    assert done.exit_code == 0, done.output
    assert "whsec_1" not in done.output
    with reading(engine, agency.id) as scoped:
        assert "very_secret" not in scoped.scalars(select(ProcessorAccount.secret_key)).one()
        keys = read_keys(scoped, SecretBox(settings.encryption_keys.get_secret_value()))
    assert keys is not None
    assert (keys.secret_key, keys.webhook_secrets) == ("sk_test_very_secret", ("whsec_1",))


@pytest.mark.parametrize("slug", ["static", "api", "Acme", "a b", "-x", ""])
def test_slugs_that_cannot_be_addresses(run, slug: str) -> None:
    made = run(create_agency_command, "--name", "A", "--phone", "1", "--email", "a@b.example", "--", slug)
    assert made.exit_code == 1
    assert "cannot be an address" in made.output


def test_an_agency_from_its_brand_folder_twice(run) -> None:
    assert "Harborline Specialty is at" in run(create_agency_command, "harborline", "--folder", "harborline").output
    again = run(create_agency_command, "harborline", "--folder", "harborline")
    assert again.exit_code == 1
    assert "already" in again.output


def test_staff(run, engine: Engine) -> None:
    agency = make_agency(engine)
    assert run(add_staff_command, "harbor", "Bo@Harbor.example", "--name", "Bo", "--role", "admin").exit_code == 0
    assert "already" in run(add_staff_command, "harbor", "bo@harbor.example", "--name", "Bo").output
    with reading(engine, agency.id) as session:
        assert session.execute(select(StaffMember.email, StaffMember.role)).all() == [("bo@harbor.example", "admin")]


def test_a_payment_link_stays_until_it_is_replaced(run, engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        make_program(session, make_insured(session), reference="P-1")
    options = "--agency", "harbor", "--program", "P-1"
    first, again = (run(issue_payment_link_command, *options).output for _ in range(2))
    replaced = run(issue_payment_link_command, *options, "--replace").output
    assert first.startswith("http://localhost/harbor/pay/")
    assert first == again != replaced
    missing = run(issue_payment_link_command, "--agency", "harbor", "--program", "P-9")
    assert (missing.exit_code, "no program P-9" in missing.output) == (1, True)


def test_books_that_do_not_hold_are_named(run, engine: Engine) -> None:
    agency = make_agency(engine)
    assert run(verify_ledger_command).exit_code == 0
    with writing(engine, agency.id) as session:
        insured = make_insured(session)
        make_invoice(session, insured, number="T-77")
    result = run(verify_ledger_command)
    assert result.exit_code == 1
    assert "T-77" in result.output
