"""Queries made ready once: the same answers as SQLAlchemy's own, with any values, on both databases."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Engine, Integer, String, bindparam, event, func, literal, select, true
from sqlalchemy.exc import DBAPIError, InvalidRequestError, OperationalError

from portal.core.db import is_retryable
from portal.core.outbox import OutboxRow, enqueue
from portal.core.prepared import MOST_KEPT, KeptQuery
from portal.core.tenancy import reading, writing
from portal.programs.models import Policy, Program
from tests.factories.people import BEGINNING, make_agency, make_insured, make_policy, make_program

EVERY_TYPE = (
    select(
        Policy.id,
        Policy.policy_number,
        Policy.effective_date,
        Policy.minimum_earned_rate,
        Policy.retail_commission_rate,
        Program.is_draft,
        Program.archived_at,
        Program.created_at,
        OutboxRow.payload,
        literal("O'Hara %s :x").label("words"),
        func.sum(Policy.premium_cents).over().label("all_cents"),
    )
    .join(Program, Program.id == Policy.program_id)
    .join(OutboxRow, true())
    .where(
        Policy.id.in_(bindparam("ids", expanding=True))
        | Policy.policy_number.in_(bindparam("numbers", expanding=True)),
        Policy.coverage.in_(["General liability", "Workers' compensation"]),
        Policy.effective_date >= bindparam("since"),
        Program.created_at <= bindparam("until"),
    )
    .order_by(Policy.id)
)
ONE = select(Program.id).where(Program.id == bindparam("id"))


def filled(engine: Engine, slug: str = "harbor") -> tuple[int, list[int]]:
    """An agency with three policies: its id and theirs."""
    agency_id = make_agency(engine, slug).id
    with writing(engine, agency_id) as session:
        program = make_program(session, make_insured(session, "ana@example.com"), archived_at=BEGINNING)
        enqueue(session, "mail.test", "1", {"a": [1, None], "b": "c"}, BEGINNING)
        policies = [
            make_policy(session, program, number, minimum_earned_rate=Decimal("0.25"), retail_commission_rate=rate)
            for number, rate in (("A", None), ("B", Decimal("0.125")), ("C", None))
        ]
        return agency_id, [policy.id for policy in policies]


def test_rows_and_their_types_are_those_of_sqlalchemy_for_lists_of_any_length(engine: Engine) -> None:
    agency_id, ids = filled(engine)
    rest = {"since": date(2026, 7, 1), "until": datetime(2030, 1, 1, tzinfo=UTC)}
    found = []
    with reading(engine, agency_id) as session:
        for some, numbers in product(([], ids[:1], ids[1:], [*ids, 0]), ([], ["A"], ["C", "B"])):
            for order in (("ids", "numbers"), ("numbers", "ids")):
                values = {name: {"ids": some, "numbers": numbers}[name] for name in order} | rest
                mine = session.rows(EVERY_TYPE, values).all()
                theirs = session.execute(EVERY_TYPE, values).all()
                assert mine == theirs
                assert [list(map(type, row)) for row in mine] == [list(map(type, row)) for row in theirs]
                assert [row._mapping for row in mine] == [row._mapping for row in theirs]
                found.append(len(mine))
    assert set(found) == {0, 1, 2, 3}


def test_no_value_of_an_execution_is_kept(engine: Engine) -> None:
    (one, ids), (other, other_ids) = filled(engine), filled(engine, "other")
    with reading(engine, one) as first, reading(engine, other) as second:
        wanted = {
            "ids": [*ids, *other_ids],
            "numbers": [],
            "since": date.min,
            "until": datetime.max.replace(tzinfo=UTC),
        }
        for _ in range(2):
            assert [row.id for row in first.rows(EVERY_TYPE, wanted)] == ids
            assert [row.id for row in second.rows(EVERY_TYPE, wanted)] == other_ids
        with pytest.raises(InvalidRequestError):
            first.rows(ONE, {})
        first.rows(ONE, {"id": 1})
        with pytest.raises(KeyError):
            first.rows(ONE, {})


def test_only_so_many_lengths_of_a_list_are_kept(engine: Engine) -> None:
    agency_id, _ = filled(engine)
    with reading(engine, agency_id) as session:
        kept = KeptQuery(select(Program.id).where(Program.id.in_(bindparam("ids", expanding=True))))
        for length in range(MOST_KEPT + 5):
            assert kept.execute(session.connection(), {"ids": list(range(length))}).all() in ([], [(1,)])
        assert 0 < len(kept._ready) <= MOST_KEPT


def test_a_parameter_with_a_value_of_its_own_takes_another(engine: Engine) -> None:
    agency_id, _ = filled(engine)
    asked = select(literal(None, String()), Program.id).where(Program.id >= bindparam("least", 4_711, Integer()))
    with reading(engine, agency_id) as session:
        assert session.rows(asked, {}).all() == []
        assert [none for none, _ in session.rows(asked, {"least": 0})] == [None]
        assert session.rows(asked, {}).all() == []


@pytest.mark.parametrize("ids", [{1, 2}, range(2)])
def test_a_list_whose_length_is_not_looked_at_is_refused(engine: Engine, ids: object) -> None:
    agency_id, _ = filled(engine)
    listed = select(Program.id).where(Program.id.in_(bindparam("ids", expanding=True)))
    with reading(engine, agency_id) as session:
        session.rows(listed, {"ids": [1, 2]})
        with pytest.raises(TypeError):
            session.rows(listed, {"ids": ids})


def test_who_listens_to_the_engine_hears_of_it(engine: Engine) -> None:
    agency_id, _ = filled(engine)
    heard: list[Any] = []
    for name in "before_cursor_execute", "after_cursor_execute":
        event.listen(engine, name, lambda *call: heard.append((call[2], call[3])))
    with reading(engine, agency_id) as session:
        session.connection()
        heard.clear()
        session.rows(ONE, {"id": 4_711})
    assert len(heard) == 2
    assert heard[0] == heard[1]
    assert "FROM program" in heard[0][0]
    assert 4_711 in (heard[0][1].values() if isinstance(heard[0][1], dict) else heard[0][1])


def test_an_error_is_sqlalchemys_and_shows_no_value(engine: Engine) -> None:
    agency_id, _ = filled(engine)
    too_large = "9" * 5_000_000
    asked = select(Program.id).where(func.cast_nothing(Program.id) == bindparam("secret"))
    with reading(engine, agency_id) as session, pytest.raises(DBAPIError) as caught:
        session.rows(asked, {"secret": too_large})
    assert too_large not in str(caught.value)
    assert not caught.value.connection_invalidated


def test_a_connection_that_the_server_has_ended_is_replaced(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no server")
    agency_id, _ = filled(engine)
    with pytest.raises(OperationalError) as caught, reading(engine, agency_id) as session, engine.connect() as other:
        pid = session.connection().connection.driver_connection.info.backend_pid
        other.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        session.rows(ONE, {"id": 1})
    assert caught.value.connection_invalidated
    with reading(engine, agency_id) as session:
        assert session.rows(ONE, {"id": 0}).all() == []


def test_a_connection_that_was_closed_here_is_replaced_too(engine: Engine) -> None:
    agency_id, _ = filled(engine)
    with pytest.raises(DBAPIError), reading(engine, agency_id) as session:
        raw = session.connection().connection.driver_connection
        assert raw is not None
        raw.close()
        session.rows(ONE, {"id": 1})
    with reading(engine, agency_id) as session:
        assert session.rows(ONE, {"id": 0}).all() == []


def test_what_the_server_says_of_an_error_is_kept(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    agency_id, _ = filled(engine)
    locked = ONE.with_for_update(nowait=True)
    with writing(engine, agency_id) as session:
        program_id = session.scalars(select(Program.id)).first()
        session.rows(locked, {"id": program_id})
        with pytest.raises(OperationalError) as caught, writing(engine, agency_id) as other:
            other.rows(locked, {"id": program_id})
    assert caught.value.orig is not None
    assert caught.value.orig.sqlstate == "55P03"  # type: ignore[attr-defined]
    assert not is_retryable(caught.value)
