"""An operator sets up an agency."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from sqlalchemy import Engine, select

from portal.access.models import StaffFactor
from portal.access.second_factor import start_app
from portal.access.staff import staff_of
from portal.agencies.keys import read_keys
from portal.agencies.models import Agency, ProcessorAccount, StaffMember
from portal.cli.agencies import (
    create_agency_command,
    issue_payment_link_command,
    set_keys_command,
)
from portal.cli.demo_settings import as_environment
from portal.cli.staff import add_staff_command, reset_second_factor_command
from portal.cli.verify_ledger import verify_ledger_command
from portal.core.outbox import OutboxRow
from portal.core.secrets import SecretBox
from portal.core.tenancy import reading, reading_global, writing
from portal.settings import Settings
from tests.factories.people import BEGINNING, make_agency, make_insured, make_invoice, make_program


@pytest.fixture
def run(settings: Settings) -> object:
    def invoke(command, *arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(command, arguments, input=typed, env=as_environment(settings))

    return invoke


def set_keys_of(
    run,
    folder: Path,
    slug: str,
    account: str = "acct_1",
    publishable: str = "pk_test_1",
    secret: str = "sk_test_1",
    webhook: str = "whsec_1",
    descriptor: str = "",
) -> Result:
    """`flask set-keys` with everything in files or options."""
    files = {"--secret-key-file": secret, "--webhook-secret-file": webhook}
    for option, content in files.items():
        (folder / option).write_text(content)
        files[option] = str(folder / option)
    options = {"--account": account, "--publishable-key": publishable, "--statement-descriptor": descriptor, **files}
    return run(set_keys_command, slug, *(word for pair in options.items() for word in pair))


def test_an_agency_from_nothing_to_keys(run, engine: Engine, settings: Settings, tmp_path: Path) -> None:
    made = run(
        create_agency_command, "acme", "--name", "Acme", "--phone", "828-555-0100", "--email", "Pay@Acme.example"
    )
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


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--name", " "), "needs a name"),
        (("--phone", "call us"), "not a phone number"),
        (("--email", "nonsense"), "not an e-mail address"),
        (("--hex", "red"), "not a colour"),
        (("--time-zone", "Mars"), "not a time zone"),
        (("--host", "https://pay.acme.example/"), "not a host name"),
        (("--host", "LOCALHOST"), "serves all agencies"),
    ],
)
def test_what_an_agency_cannot_be_made_of(run, engine: Engine, options: tuple[str, str], says: str) -> None:
    usual = {"--name": "Acme", "--phone": "828-555-0100", "--email": "pay@acme.example"} | dict([options])
    made = run(create_agency_command, "acme", *(word for pair in usual.items() for word in pair))
    assert (made.exit_code, says in made.output) == (1, True), made.output
    with reading_global(engine) as session:
        assert session.scalars(select(Agency)).all() == []


def test_a_host_is_written_in_small_letters_and_leads_to_one_agency(run) -> None:
    usual = "--name", "Acme", "--phone", "828-555-0100", "--email", "pay@acme.example", "--host", "Pay.Acme.example"
    assert "https://pay.acme.example/" in run(create_agency_command, "acme", *usual).output
    assert "leads to another agency" in run(create_agency_command, "other", *usual).output


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"account": "nonsense"}, "A Stripe account id looks like acct_1AbC"),
        ({"publishable": "pk_live_1"}, "of the same mode"),
        ({"secret": "pk_test_oops"}, "of the same mode"),
        ({"secret": ""}, "is empty"),
        ({"webhook": "hidden"}, "A webhook's signing secret looks like whsec_…"),
        ({"descriptor": "ACME INSURANCE AGENCY OF AMERICA"}, "5 to 22 characters"),
        ({"descriptor": "12345"}, "5 to 22 characters"),
    ],
)
def test_keys_that_cannot_be_right_are_not_stored(
    run, engine: Engine, tmp_path: Path, given: dict[str, str], says: str
) -> None:
    agency = make_agency(engine)
    done = set_keys_of(run, tmp_path, "harbor", **given)
    assert (done.exit_code, says in done.output) == (1, True), done.output
    assert "hidden" not in done.output
    with reading(engine, agency.id) as session:
        assert session.scalars(select(ProcessorAccount)).all() == []


def test_an_account_belongs_to_one_agency(run, engine: Engine, tmp_path: Path) -> None:
    for slug in ("harbor", "cedar"):
        make_agency(engine, slug)
    assert set_keys_of(run, tmp_path, "harbor").exit_code == 0
    again = set_keys_of(run, tmp_path, "cedar")
    assert (again.exit_code, "Another agency here has the account acct_1." in again.output) == (1, True)
    assert set_keys_of(run, tmp_path, "harbor", descriptor="HARBOR INSURANCE").exit_code == 0


def test_staff(run, engine: Engine) -> None:
    agency = make_agency(engine)
    assert run(add_staff_command, "harbor", "Bo@Harbor.example", "--name", "Bo", "--role", "admin").exit_code == 0
    assert "already" in run(add_staff_command, "harbor", "bo@harbor.example", "--name", "Bo").output
    with reading(engine, agency.id) as session:
        assert session.execute(select(StaffMember.email, StaffMember.role)).all() == [("bo@harbor.example", "admin")]


def test_an_only_admin_who_lost_everything_starts_over(run, engine: Engine) -> None:
    agency = make_agency(engine)
    run(add_staff_command, "harbor", "bo@harbor.example", "--name", "Bo", "--role", "admin")
    with writing(engine, agency.id) as session:
        bo = staff_of(session, "bo@harbor.example")
        assert bo is not None
        start_app(session, SecretBox(Fernet.generate_key().decode()), bo, BEGINNING)
    assert "sets up a new second step" in run(reset_second_factor_command, "harbor", "Bo@harbor.example").output
    with reading(engine, agency.id) as session:
        assert session.scalars(select(StaffFactor)).all() == []
        assert session.scalars(select(OutboxRow.payload)).one()["news"] == "factors_reset"
    assert run(reset_second_factor_command, "harbor", "ann@harbor.example").exit_code == 1


def test_a_payment_link_stays_until_it_is_replaced(run, engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        make_program(session, make_insured(session), reference="P-1")
    options = "--agency", "harbor", "--program", "P-1"
    first, again = (run(issue_payment_link_command, *options).output for _ in range(2))
    replaced = run(issue_payment_link_command, *options, "--replace").output
    assert first.startswith("http://localhost/harbor/pay/")
    assert first == again != replaced
    assert run(issue_payment_link_command, "--agency", "harbor").exit_code == 2
    missing = run(issue_payment_link_command, "--agency", "harbor", "--program", "P-9")
    assert (missing.exit_code, "no program P-9" in missing.output) == (1, True)


def test_a_one_time_invoice_has_a_link_of_its_own(run, engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        insured = make_insured(session)
        make_invoice(session, insured, number="T-1")
        make_invoice(session, insured, number="T-2", state="void", open_cents=0)
        make_invoice(session, insured, make_program(session, insured), number="T-3")
    said = [
        run(issue_payment_link_command, "--agency", "harbor", "--invoice", f"T-{n}").output for n in (1, 1, 2, 3, 4)
    ]
    assert said[0].startswith("http://localhost/harbor/pay/")
    assert said[0] == said[1]
    for words, answer in zip(("is void", "is part of a program", "no invoice T-4"), said[2:], strict=True):
        assert words in answer


@pytest.mark.parametrize("closed", [{"archived_at": BEGINNING}, {"is_draft": True}, {"billing_type": "agency_bill"}])
def test_no_link_is_given_out_that_takes_no_payment(run, engine: Engine, closed: dict[str, object]) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        make_program(session, make_insured(session), reference="P-1", **closed)
    refused = run(issue_payment_link_command, "--agency", "harbor", "--program", "P-1")
    assert (refused.exit_code, "takes no payment by link" in refused.output) == (1, True)


def test_books_that_do_not_hold_are_named(run, engine: Engine) -> None:
    agency = make_agency(engine)
    assert run(verify_ledger_command).exit_code == 0
    with writing(engine, agency.id) as session:
        insured = make_insured(session)
        make_invoice(session, insured, number="T-77")
    result = run(verify_ledger_command)
    assert result.exit_code == 1
    assert "T-77" in result.output
