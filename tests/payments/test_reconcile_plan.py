"""The reconciler looks at open payments only: by an index that holds no others, on both databases."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, event, text

from portal.core.db import make_engine
from portal.payments.models import Payment
from portal.payments.reconcile import due
from portal.payments.submit import submit
from tests.factories.desk import Desk

SETTLED = 20_000
COPY = """
INSERT INTO payment ({columns})
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {settled})
SELECT {values} FROM number, (SELECT * FROM payment ORDER BY id LIMIT 1) AS one
"""


def settle_many(owner_url: str) -> None:
    """Copies of the one payment that is settled, beside which the open ones are few."""
    columns = [column.name for column in Payment.__table__.columns]
    new = {
        "id": "1000000 + n",
        "token": "'token-' || n",
        "reference": "'S-' || n",
        "request_key": "'request-' || n",
        "intent_id": "'pi_settled_' || n",
    }
    values = ", ".join(new.get(name, f"one.{name}") for name in columns)
    owner = make_engine(owner_url)
    with owner.begin() as connection:
        connection.execute(text(COPY.format(columns=", ".join(columns), values=values, settled=SETTLED)))
        connection.execute(text("ANALYZE payment"))
    owner.dispose()


def plan_of_due(desk: Desk, engine: Engine, at: datetime) -> tuple[list[int], str]:
    """What is due, and how the database finds it."""
    asked: list[tuple[str, Any]] = []

    def hear(*told: Any) -> None:
        if "FROM payment" in told[2]:
            asked.append((told[2], told[3]))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        with desk.till.reading() as session:
            found = due(session, at)
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    [(statement, values)] = asked
    explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    with desk.till.reading() as session:
        rows = session.connection().exec_driver_sql(f"{explain} {statement}", values).all()
    return found, "\n".join(str(row[-1]) for row in rows)


def test_what_is_due_is_found_by_the_index_of_open_payments(desk: Desk, engine: Engine, owner_url: str) -> None:
    submit(desk.till, desk.order(desk.invoice()))
    desk.fault("payment_intents.confirm", "error_after")
    lost = submit(desk.till, desk.order(desk.invoice()))
    assert lost.state == "submitted"
    settle_many(owner_url)
    desk.clock.pass_(minutes=5)
    found, plan = plan_of_due(desk, engine, desk.clock())
    assert found == [lost.id]
    assert "ix_payment_unsettled" in plan, plan
    assert "Seq Scan" not in plan
    assert "SCAN payment" not in plan
