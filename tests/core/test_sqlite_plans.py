"""SQLite plans for large agencies from the first day on."""

from sqlalchemy import Engine

from portal.core.sqlite_plans import presumed


def test_a_column_after_the_agency_narrows_an_index_down():
    assert presumed(["agency_id", "email", "insured_id"], True, 100_000) == "100000 100000 10 1"
    assert presumed(["token"], True, 100_000) == "100000 1"


def test_rows_of_an_insured_are_found_without_reading_the_agencys(engine: Engine):
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM invoice WHERE agency_id = 1 AND (insured_id IN (1, 2, 3) OR id IN (4, 5))"
        ).all()
    steps = " ".join(str(row[-1]) for row in plan)
    assert "ix_invoice_insured (agency_id=? AND insured_id=?)" in steps
    assert "(agency_id=?)" not in steps
