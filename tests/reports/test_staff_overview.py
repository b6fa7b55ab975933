"""The figures of the start page are read from indexes alone: on both databases no table is opened for them."""

from datetime import date
from typing import Any

from sqlalchemy import Engine, create_engine, event

from portal.core.tenancy import reading, writing
from portal.reports.staff_overview import overview
from tests.factories.people import make_agency, make_insured, make_invoice, make_payment_under_way, make_program


def plans_of_overview(engine: Engine, agency_id: int) -> list[str]:
    """How the database comes to the figures that many rows go into: due and overdue, collected, in force."""
    asked: list[tuple[str, Any]] = []

    def hear(*told: Any) -> None:
        if "UNION ALL" in told[2] or "FILTER" in told[2]:
            asked.append((told[2], told[3]))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        with reading(engine, agency_id) as session:
            overview(session, date(2026, 7, 1), "America/New_York")
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    is_postgresql = engine.dialect.name == "postgresql"
    plans = []
    with reading(engine, agency_id) as session:
        connection = session.connection()
        if is_postgresql:  # as it chooses with many rows
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        for statement, values in asked:
            explain = "EXPLAIN" if is_postgresql else "EXPLAIN QUERY PLAN"
            rows = connection.exec_driver_sql(f"{explain} {statement}", values).all()
            plans.append("\n".join(str(row[-1]) for row in rows))
    return plans


def test_no_table_is_read_for_the_figures_of_many_rows(engine: Engine, owner_url: str) -> None:
    agency_id = make_agency(engine).id
    with writing(engine, agency_id) as session:
        insured = make_insured(session, "owner@bakery.example")
        make_payment_under_way(session, make_invoice(session, insured, make_program(session, insured)))
    if engine.dialect.name == "postgresql":  # an index is enough for pages that a vacuum has seen
        with create_engine(owner_url, isolation_level="AUTOCOMMIT").connect() as owner:
            owner.exec_driver_sql("VACUUM ANALYZE")
    plans = plans_of_overview(engine, agency_id)
    assert len(plans) == 3
    for plan in plans:
        indexes = [line for line in plan.splitlines() if "ix_" in line]
        assert indexes
        assert [line for line in indexes if "Index Only Scan" not in line and "COVERING INDEX" not in line] == [], plan
