"""The migrations make exactly the tables that the models describe, on both databases."""

from decimal import Decimal
from pathlib import Path

from alembic import command
from sqlalchemy import Engine, inspect, select

from portal.agencies.models import Agency
from portal.cli.database import alembic_config, upgrade_tables
from portal.core.audit import SYSTEM
from portal.core.db import Base, make_engine
from portal.core.tenancy import reading, reading_global, writing
from portal.financing.models import LendingTerms
from portal.financing.offers import Plan
from portal.financing.terms import TermsDraft, set_terms
from tests.factories.people import BEGINNING, BOX, key_of, make_agency


def test_models_and_migrations_agree(owner_url):
    command.check(alembic_config(owner_url))


def test_every_table_is_made(engine):
    assert set(Base.metadata.tables) <= set(inspect(engine).get_table_names())


def test_upgrading_again_changes_nothing(owner_url):
    upgrade_tables(owner_url)
    engine = make_engine(owner_url)
    assert "agency" in inspect(engine).get_table_names()
    engine.dispose()


def test_there_is_one_head():
    from alembic.script import ScriptDirectory

    assert len(ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads()) == 1


def test_lookup_keys_stored_in_plain_are_sealed_and_stay_the_same_keys(owner_url: str, engine: Engine) -> None:
    make_agency(engine)
    command.downgrade(alembic_config(owner_url, BOX), "0009-1")
    assert stored_key(engine) == "lookup key of harbor"
    engine.dispose()
    upgrade_tables(owner_url, BOX)
    assert stored_key(engine).startswith("gAAAA")
    with reading_global(engine) as session:
        assert key_of(session.scalars(select(Agency)).one()) == b"lookup key of harbor"
    engine.dispose()
    if engine.dialect.name == "sqlite":
        assert b"lookup key of harbor" not in Path(str(engine.url.database)).read_bytes()


def test_plans_that_counted_the_down_payment_are_spelled_anew(owner_url: str, engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        lender = TermsDraft(
            True, Decimal("0.25"), Decimal("0.12"), (Plan(9), Plan(4, 3), Plan(2, 6)), "actuarial", "E", "1"
        )
        set_terms(session, lender, None, SYSTEM, BEGINNING)
    command.downgrade(alembic_config(owner_url, BOX), "0005b")
    engine.dispose()
    upgrade_tables(owner_url, BOX)
    with reading(engine, agency.id) as session:
        assert session.scalars(select(LendingTerms.plans)).one() == "9x1 3x3 1x6"


def stored_key(engine: Engine) -> str:
    with reading_global(engine) as session:
        return session.scalars(select(Agency.lookup_key)).one()
