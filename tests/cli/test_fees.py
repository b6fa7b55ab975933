"""An operator sets what paying costs at an agency."""

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select

from portal.agencies.models import Agency
from portal.cli.demo_settings import as_environment
from portal.cli.fees import set_fees_command
from portal.core.audit import AuditEntry
from portal.core.tenancy import reading, reading_global
from portal.settings import Settings
from tests.factories.people import make_agency


@pytest.fixture
def run(settings: Settings) -> object:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(set_fees_command, arguments, env=as_environment(settings))

    return invoke


def test_fees_are_stored_shown_with_an_example_and_audited(run, engine: Engine) -> None:
    agency = make_agency(engine, "oak", state="NC")
    said = run("oak", "--pass-on", "--card-percent", "2.9", "--card-fixed", "0.30", "--bank", "2")
    assert "$29.30 on $1,000.00 by credit card, $2.00 by bank debit" in said.output, said.output
    with reading_global(engine) as session:
        stored = session.scalars(select(Agency)).one()
    assert (stored.fee_is_passed_on, stored.card_fee_basis_points) == (True, 290)
    assert (stored.card_fee_fixed_cents, stored.bank_fee_cents) == (30, 200)
    with reading(engine, agency.id) as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["fees.set"]


def test_an_agency_bears_them(run, engine: Engine) -> None:
    make_agency(engine, "oak", state="NC")
    assert "bears the cost itself" in run("oak", "--absorb", "--card-percent", "2.9").output


def test_where_the_state_does_not_allow_it_the_operator_reads_why(run, engine: Engine) -> None:
    make_agency(engine, "elm", state="MA")
    said = run("elm", "--pass-on", "--card-percent", "2.9")
    assert "no fee: MA does not allow a fee for paying by card." in said.output


def test_more_than_card_networks_allow_is_refused(run, engine: Engine) -> None:
    make_agency(engine, "oak", state="NC")
    said = run("oak", "--pass-on", "--card-percent", "3.5")
    assert said.exit_code == 1
    assert "between 0 and 3 percent" in said.output
