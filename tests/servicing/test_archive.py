"""Archiving: only what nobody paid for."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from portal.core.audit import SYSTEM
from portal.core.errors import IllegalMove
from portal.core.tenancy import writing
from portal.servicing.archive import archive, unarchive
from tests.factories.people import make_agency, make_insured, make_invoice, make_payment_under_way, make_program

NOW = datetime(2026, 7, 20, 15, tzinfo=UTC)


def test_there_and_back(engine: Engine) -> None:
    with writing(engine, make_agency(engine).id) as session:
        insured = make_insured(session)
        program = make_program(session, insured)
        make_invoice(session, insured, program)
        archive(session, program, SYSTEM, NOW)
        assert program.archived_at == NOW
        with pytest.raises(IllegalMove):
            archive(session, program, SYSTEM, NOW)
        unarchive(session, program, SYSTEM, NOW.date(), NOW)
        assert program.archived_at is None
        with pytest.raises(IllegalMove):
            unarchive(session, program, SYSTEM, NOW.date(), NOW)


@pytest.mark.parametrize("paid", [{"state": "paid", "open_cents": 0}, {"open_cents": 5}])
def test_not_once_something_was_paid(engine: Engine, paid: dict[str, object]) -> None:
    with writing(engine, make_agency(engine).id) as session:
        insured = make_insured(session)
        program = make_program(session, insured)
        make_invoice(session, insured, program, **paid)
        with pytest.raises(IllegalMove):
            archive(session, program, SYSTEM, NOW)


def test_not_while_a_payment_is_under_way(engine: Engine) -> None:
    with writing(engine, make_agency(engine).id) as session:
        insured = make_insured(session)
        program = make_program(session, insured)
        make_payment_under_way(session, make_invoice(session, insured, program))
        with pytest.raises(IllegalMove, match="under way"):
            archive(session, program, SYSTEM, NOW)
