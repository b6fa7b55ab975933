"""An operator says whether an agency takes bank debits."""

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select

from portal.agencies.models import Agency
from portal.cli.bank_debits import set_bank_debits_command
from portal.cli.demo_settings import as_environment
from portal.core.audit import AuditEntry
from portal.core.tenancy import reading, reading_global
from portal.settings import Settings
from tests.factories.people import make_agency


@pytest.mark.parametrize(("option", "is_taken"), [("--refuse", False), ("--take", True)])
def test_it_is_stored_said_and_kept_in_the_audit(
    engine: Engine, settings: Settings, option: str, is_taken: bool
) -> None:
    agency = make_agency(engine)
    answer = CliRunner().invoke(set_bank_debits_command, [agency.slug, option], env=as_environment(settings))
    assert answer.exit_code == 0, answer.output
    assert ("by card and by bank account" in answer.output) is is_taken
    with reading_global(engine) as session:
        assert session.get_one(Agency, agency.id).takes_bank_debits is is_taken
    with reading(engine, agency.id) as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["bank_debits.set"]
