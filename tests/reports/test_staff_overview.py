"""The figures of the start page are read from indexes alone: on both databases no table is opened for them."""

from datetime import date
from typing import Any

from sqlalchemy import Engine, event

from portal.core.tenancy import reading
from portal.reports.staff_overview import overview
from tests.factories.people import make_agency


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


def test_no_table_is_read_for_the_figures_of_many_rows(engine: Engine) -> None:
    plans = plans_of_overview(engine, make_agency(engine).id)
    assert len(plans) == 3
    for plan in plans:
        indexes = [line for line in plan.splitlines() if "ix_" in line]
        assert indexes
        assert [line for line in indexes if "Index Only Scan" not in line and "COVERING INDEX" not in line] == [], plan
