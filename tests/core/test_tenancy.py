"""One statement used by several agencies shows each its own rows."""

import gc
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, event, literal, select, text, update
from sqlalchemy.exc import StatementError

from portal.core import tenancy
from portal.core.tenancy import NoScope, ReadOnly, reading, writing
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.payments.models import Claim
from portal.programs.models import Program
from tests.factories.people import make_agency, make_insured, make_program

KEPT = (
    select(Insured.name, Program.name)
    .join(Program, Program.insured_id == Insured.id)
    .where(Insured.id.in_(select(InsuredEmail.insured_id).where(InsuredEmail.email == bindparam("email"))))
)
EVERYTHING = select(Insured.name).order_by(Insured.id)


EMAIL = {"email": "ana@bakery.example"}


def names(engine: Engine, agency_id: int) -> list[tuple[str, str]]:
    """What both ways to ask say, which must agree."""
    with reading(engine, agency_id) as session:
        found = session.execute(KEPT, EMAIL).all()
        assert session.rows(KEPT, EMAIL).all() == found
        return [(insured, program) for insured, program in found]


def test_a_kept_statement_never_shows_another_agencys_rows(engine: Engine) -> None:
    agencies = [make_agency(engine, slug) for slug in ("one", "two", "three")]
    for agency in agencies[:2]:
        with writing(engine, agency.id) as session:
            make_program(session, make_insured(session, "ana@bakery.example", name=agency.slug), name=agency.slug)
    expected = {agencies[0].id: [("one", "one")], agencies[1].id: [("two", "two")], agencies[2].id: []}
    turns = [agency.id for agency in agencies] * 20
    assert [names(engine, agency_id) for agency_id in turns] == [expected[agency_id] for agency_id in turns]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda agency_id: names(engine, agency_id), turns))
    assert found == [expected[agency_id] for agency_id in turns]


def test_what_is_kept_of_a_query_holds_no_agency(engine: Engine) -> None:
    agency = make_agency(engine)
    names(engine, agency.id)
    kept = tenancy._narrowed[KEPT]
    compiled = kept.compile(engine)
    assert str(compiled).count("agency_id = ") == 3  # of insured, program and the addresses
    assert compiled.params["own_agency_id"] is None
    with engine.connect() as connection, pytest.raises(StatementError, match="own_agency_id"):
        connection.execute(kept, EMAIL)


def test_rows_are_asked_for_only_where_the_agency_is_asked_for_too(engine: Engine) -> None:
    agency = make_agency(engine)
    rename = update(Insured).values(name="renamed").returning(Insured.name)
    with reading(engine, agency.id) as session:
        for statement in (
            select(Insured.__table__.c.name),
            select(literal(1)),
            text("SELECT name FROM insured"),
            rename,
        ):
            for _ in range(2):
                with pytest.raises(NoScope):
                    session.rows(statement, {})  # type: ignore[arg-type]


def test_what_the_code_names_is_in_the_sql_and_what_is_brought_is_not(engine: Engine) -> None:
    """A parameter fits no index of some rows: the query would be planned anew for each execution."""
    agency_id = make_agency(engine).id
    asked = (
        select(Claim.id, literal("O'Hara").label("name"))
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(Claim.state == "live", Invoice.kind.in_(["full", "installment"]), Invoice.open_cents > 5)
        .where(Invoice.number == bindparam("number"), Invoice.due_date > date(2026, 1, 1))
    )
    seen: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *call: seen.append(call[2:4]))
    with reading(engine, agency_id) as session:
        assert session.rows(asked, {"number": "live"}).all() == []
    sql, values = seen[-1]
    for written in ("claim.state = 'live'", "invoice.kind IN ('full', 'installment')", "invoice.open_cents > 5"):
        assert written in sql
    brought = list(values.values()) if isinstance(values, dict) else list(values)
    assert {"O'Hara", "live", agency_id} < set(brought)
    assert "O'Hara" not in sql


def test_rows_show_what_the_unit_has_just_written(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        session.scalars(select(Insured)).all()
        make_insured(session, name="new").name = "newer"
        assert session.rows(EVERYTHING, {}).scalars().all() == ["newer"]


def test_a_read_unit_refuses_to_write_and_keeps_nothing(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        make_insured(session, name="as it was")
    rename = update(Insured).values(name="renamed").execution_options(synchronize_session=False)
    with reading(engine, agency.id) as session:
        with pytest.raises(ReadOnly):
            session.execute(rename)
        session.scalars(select(Insured)).one().name = "renamed"
        assert session.scalars(EVERYTHING).all() == ["as it was"]
        with pytest.raises(ReadOnly):
            session.flush()
    with reading(engine, agency.id) as session:
        assert session.scalars(EVERYTHING).all() == ["as it was"]


def test_postgresql_keeps_its_plans_from_one_read_unit_to_the_next(engine: Engine) -> None:
    agency = make_agency(engine)
    for _ in range(8):
        names(engine, agency.id)
    if engine.dialect.name == "postgresql":
        with reading(engine, agency.id) as session:
            kept = session.connection().exec_driver_sql("SELECT statement FROM pg_prepared_statements").scalars().all()
        assert any("FROM insured JOIN program" in statement for statement in kept)


def test_a_row_asked_for_by_its_id_is_ones_own(engine: Engine) -> None:
    agencies = [make_agency(engine, slug) for slug in ("one", "two")]
    with writing(engine, agencies[0].id) as session:
        insured_id = make_insured(session).id
    for agency, expected in zip(agencies, (insured_id, None), strict=True):
        with reading(engine, agency.id) as session:
            found = session.get(Insured, insured_id)
            assert (found.id if found else None) == expected


def test_a_kept_change_touches_only_ones_own_rows(engine: Engine) -> None:
    agencies = [make_agency(engine, slug) for slug in ("one", "two")]
    for agency in agencies:
        with writing(engine, agency.id) as session:
            make_insured(session, name=agency.slug)
    rename = update(Insured).values(name="renamed").execution_options(synchronize_session=False)
    shown = []
    for agency in agencies:
        with writing(engine, agency.id) as session:
            session.execute(rename)
        for reader in agencies:
            with reading(engine, reader.id) as session:
                shown.append(session.scalars(EVERYTHING).all())
    assert shown == [["renamed"], ["two"], ["renamed"], ["renamed"]]


def test_statements_made_for_one_use_are_forgotten(engine: Engine) -> None:
    agency = make_agency(engine)
    with reading(engine, agency.id) as session:
        session.scalars(EVERYTHING).all()
        gc.collect()
        before = len(tenancy._narrowed)
        for number in range(50):
            session.scalars(select(Insured.name).where(Insured.id == number)).all()
    gc.collect()
    assert len(tenancy._narrowed) <= before + 1
