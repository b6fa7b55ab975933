"""PostgreSQL keeps agencies apart by itself: with the session's scope off, and for every table of a tenant."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal.agencies.models import Agency
from portal.core.app_role import DELETABLE, AboveTheLaw, grant_app_role, privileges, require_bound_role
from portal.core.audit import SYSTEM, AuditEntry, record
from portal.core.db import Base, make_engine
from portal.core.outbox import enqueue
from portal.core.tenancy import Tenant, reading, writing
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from tests.factories.people import BEGINNING, make_agency, make_insured, make_invoice, make_program
from tests.postgresql import APP_ROLE

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

OWN_AGENCY = "(agency_id = (NULLIF(current_setting('app.agency_id'::text, true), ''::text))::bigint)"
HOW_TO = """A new table of a tenant needs row-level security. Write in its migration, after create_table:

    guard("{table}")

`guard` is in migrations/own_agency.py.
"""


def tenant_models() -> list[type[Tenant]]:
    return [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Tenant)]


@pytest.fixture
def owner(owner_url: str) -> Iterator[Engine]:
    """An engine of the role that owns the tables."""
    opened = make_engine(owner_url, pool_size=1)
    yield opened
    opened.dispose()


@pytest.fixture
def agencies(engine: Engine) -> tuple[Agency, Agency]:
    """Two agencies, each with an insured, an invoice, an audit line and an outbox row."""
    both = make_agency(engine, "one"), make_agency(engine, "two")
    for agency in both:
        with writing(engine, agency.id) as session:
            insured = make_insured(session, f"ana@{agency.slug}.example", name=agency.slug)
            make_invoice(session, insured, make_program(session, insured))
            record(session, SYSTEM, "insured.added", "insured", insured.id, BEGINNING)
            enqueue(session, "note", "1", {}, BEGINNING)
    return both


def without_scope(engine: Engine, agency_id: int | None) -> Session:
    """A session that adds nothing to its statements; PostgreSQL alone decides what it sees."""
    session = Session(engine)
    if agency_id is not None:
        session.execute(text("SELECT set_config('app.agency_id', :id, true)"), {"id": str(agency_id)})
    return session


def test_every_table_of_a_tenant_has_it(engine: Engine) -> None:
    with engine.connect() as connection:
        forced = set(
            connection.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"))
        )
        policies = {
            row.tablename: (row.policyname, row.permissive, list(row.roles), row.cmd, row.qual, row.with_check)
            for row in connection.execute(text("SELECT * FROM pg_policies"))
        }
    expected = ("own_agency", "PERMISSIVE", ["public"], "ALL", OWN_AGENCY, OWN_AGENCY)
    for model in tenant_models():
        table = model.__tablename__
        assert table in forced, HOW_TO.format(table=table)
        assert policies.get(table) == expected, HOW_TO.format(table=table)
    assert forced == {model.__tablename__ for model in tenant_models()}, "a global table with row-level security"


def test_the_tests_themselves_are_bound_by_it(engine: Engine, owner: Engine) -> None:
    require_bound_role(engine)
    with pytest.raises(AboveTheLaw, match="two roles"):
        require_bound_role(owner)


def test_without_an_agency_nothing_is_seen(engine: Engine, agencies: tuple[Agency, Agency]) -> None:
    with without_scope(engine, None) as session:
        for model in tenant_models():
            assert session.scalar(select(func.count()).select_from(model)) == 0, model.__tablename__


def test_each_agency_sees_its_own_rows_alone(engine: Engine, agencies: tuple[Agency, Agency]) -> None:
    for agency in agencies:
        with without_scope(engine, agency.id) as session:
            assert session.scalars(select(Insured.name)).all() == [agency.slug]
            for model in (Invoice, AuditEntry):
                assert set(session.scalars(select(model.agency_id))) == {agency.id}


def test_another_agencys_row_can_be_neither_read_nor_changed_by_its_id(
    engine: Engine, agencies: tuple[Agency, Agency]
) -> None:
    mine, other = agencies
    with reading(engine, other.id) as scoped:
        foreign_id = scoped.scalars(select(Insured.id)).one()
    with without_scope(engine, mine.id) as session:
        assert session.get(Insured, foreign_id) is None
        changed = session.execute(update(Insured).where(Insured.id == foreign_id).values(name="taken"))
        assert changed.rowcount == 0
        session.commit()
    with reading(engine, other.id) as scoped:
        assert scoped.scalars(select(Insured.name)).all() == ["two"]


def test_a_row_can_be_neither_written_for_nor_given_to_another_agency(
    engine: Engine, agencies: tuple[Agency, Agency]
) -> None:
    mine, other = agencies
    row = {"kind": "note", "ref": "1", "booked_on": BEGINNING.date(), "posted_at": BEGINNING}
    journal = Base.metadata.tables["journal_entry"]
    with without_scope(engine, mine.id) as session, pytest.raises(ProgrammingError, match="row-level security"):
        session.execute(insert(journal).values(agency_id=other.id, **row))
    with without_scope(engine, mine.id) as session, pytest.raises(ProgrammingError, match="row-level security"):
        session.execute(update(Base.metadata.tables["outbox"]).values(agency_id=other.id))
    with without_scope(engine, None) as session, pytest.raises(ProgrammingError, match="row-level security"):
        session.execute(insert(journal).values(agency_id=mine.id, **row))


def test_the_agency_is_forgotten_when_the_transaction_ends(engine: Engine, agencies: tuple[Agency, Agency]) -> None:
    with without_scope(engine, agencies[0].id) as session:
        assert session.scalars(select(Insured.name)).all() == ["one"]
        session.commit()
        assert session.scalars(select(Insured.name)).all() == []


def test_the_portals_role_has_its_grants_and_owns_nothing(engine: Engine) -> None:
    grants = text("SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = :role")
    owned = text("SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = :role)")
    found: dict[str, set[str]] = {}
    with engine.connect() as connection:
        for table, privilege in connection.execute(grants, {"role": APP_ROLE}):
            found.setdefault(table, set()).add(privilege)
        assert connection.scalar(owned, {"role": APP_ROLE}) == 0
    wanted = {table: set(privileges(table).split(", ")) for table in Base.metadata.tables}
    assert found == {**wanted, "alembic_version": {"SELECT"}}


@pytest.mark.parametrize("table", ["audit_entry", "journal_entry", "journal_line"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_is_written_once_cannot_be_changed(engine: Engine, table: str, statement: str) -> None:
    with engine.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.exec_driver_sql(statement.format(table))


def test_granting_again_takes_back_what_is_not_in_the_list(engine: Engine, owner: Engine) -> None:
    with owner.begin() as connection:
        connection.exec_driver_sql(f"GRANT DELETE ON journal_line TO {APP_ROLE}")
        grant_app_role(connection, APP_ROLE)
    test_what_is_written_once_cannot_be_changed(engine, "journal_line", "DELETE FROM {}")
    assert "journal_line" not in DELETABLE
