"""The guest's look-up on both databases."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from portal.access.guest_lookup import MISS, Match, look_up
from portal.access.models import Try
from portal.agencies.models import Agency
from portal.core.audit import AuditEntry
from portal.core.errors import TooMany
from portal.core.tenancy import Scoped, reading, writing
from portal.programs.guest_keys import reindex
from portal.programs.models import Program
from tests.factories.people import key_of, make_agency, make_insured, make_invoice, make_policy, make_program

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
NUMBER, ZIP = "CPS 0071234", "78701"
Setup = Callable[[Scoped, Program], None]


def look(engine: Engine, agency: Agency, number: str = NUMBER, postal_code: str = ZIP, **more: Any) -> Match:
    """A look-up from an address of its own, so that only the limit per policy counts."""
    values: dict[str, Any] = {"ip": "192.0.2.1", "at": AT} | more
    return look_up(lambda: writing(engine, agency.id), agency, key_of(agency), number, postal_code, **values)


def bakery(engine: Engine, agency: Agency, setup: Setup | None = None, **more: Any) -> Program:
    """A program with one policy and one open invoice, indexed."""
    with writing(engine, agency.id) as session:
        insured = make_insured(session)
        program = make_program(session, insured, **more)
        make_policy(session, program, NUMBER)
        invoice = make_invoice(session, insured, program)
        if setup:
            setup(session, program)
        if more.get("canceled_on"):
            invoice.state, invoice.open_cents = "void", 0
        reindex(session, key_of(agency), [program.id])
    return program


@pytest.mark.parametrize("typed", [NUMBER, "cps-0071234", "CPS 71234", " cps 007 1234 "])
def test_the_number_may_be_written_in_any_way(engine: Engine, typed: str) -> None:
    agency = make_agency(engine)
    program = bakery(engine, agency)
    assert look(engine, agency, typed) == Match((program.id,))


def test_a_hit_is_logged(engine: Engine) -> None:
    agency = make_agency(engine)
    program = bakery(engine, agency)
    look(engine, agency)
    with reading(engine, agency.id) as session:
        assert [(row.missed, row.program_id) for row in session.scalars(select(Try))] == [(False, program.id)] * 2
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor_kind, entry.ip) == ("guest.looked_up", "guest", "192.0.2.1")
    assert entry.subject_id == program.id


@pytest.mark.parametrize(
    "hidden",
    [
        {"archived_at": AT},
        {"is_draft": True},
        {"guest_payments": False},
        {"billing_type": "agency_bill"},
        {"canceled_on": date(2026, 7, 1)},
    ],
    ids=lambda hidden: next(iter(hidden)),
)
def test_hidden_programs_answer_like_unknown_ones(engine: Engine, hidden: dict[str, Any]) -> None:
    agency = make_agency(engine)
    bakery(engine, agency, **hidden)
    assert look(engine, agency) == look(engine, agency, "NOT THERE") == look(engine, agency, NUMBER, "10001") == MISS


def test_an_agency_without_guest_payments_answers_nobody(engine: Engine) -> None:
    agency = make_agency(engine, guest_payments=False)
    bakery(engine, agency)
    assert look(engine, agency) == MISS


def test_a_canceled_program_answers_while_something_is_payable(engine: Engine) -> None:
    agency = make_agency(engine)
    program = bakery(engine, agency, lambda session, program: _owe(session, program), canceled_on=date(2026, 7, 1))
    assert look(engine, agency) == Match((program.id,))


def _owe(session: Scoped, program: Program) -> None:
    make_invoice(session, make_insured(session), program)


def test_a_cancelation_to_come_hides_nothing(engine: Engine) -> None:
    agency = make_agency(engine)
    program = bakery(engine, agency, canceled_on=date(2026, 7, 16))
    assert look(engine, agency) == Match((program.id,))


def test_other_agencies_programs_are_unknown(engine: Engine) -> None:
    one, two = make_agency(engine, "one"), make_agency(engine, "two")
    bakery(engine, one)
    assert look(engine, two) == MISS


def test_a_changed_zip_counts_at_once(engine: Engine) -> None:
    agency = make_agency(engine)
    program = bakery(engine, agency)
    with writing(engine, agency.id) as session:
        insured = make_insured(session, postal_code="10001-0001")
        session.get_one(Program, program.id).insured_id = insured.id
        session.flush()
        reindex(session, key_of(agency), [program.id])
    assert look(engine, agency) == MISS
    assert look(engine, agency, NUMBER, "10001") == Match((program.id,))


def test_the_same_number_of_two_insureds_asks_for_the_effective_date(engine: Engine) -> None:
    agency = make_agency(engine)
    first = bakery(engine, agency)
    with writing(engine, agency.id) as session:
        second = make_program(session, make_insured(session))
        make_policy(session, second, NUMBER, effective_date=date(2026, 3, 1), expiration_date=date(2027, 3, 1))
        reindex(session, key_of(agency), [second.id])
    assert look(engine, agency) == Match(asks_effective_date=True)
    assert look(engine, agency, effective_date=date(2026, 3, 1)) == Match((second.id,))
    assert look(engine, agency, effective_date=date(2026, 7, 1)) == Match((first.id,))
    assert look(engine, agency, effective_date=date(2026, 7, 2)) == MISS


def test_five_misses_at_a_policy_lock_it_for_a_day_for_the_right_zip_too(engine: Engine) -> None:
    agency = make_agency(engine)
    program = bakery(engine, agency)
    for number in range(5):
        written = NUMBER if number % 2 else "cps71234"
        assert look(engine, agency, written, f"1000{number}", ip=f"192.0.2.{number}") == MISS
    with pytest.raises(TooMany):
        look(engine, agency, ip="192.0.2.99")
    with pytest.raises(TooMany):
        look(engine, agency, ip="192.0.2.99", at=AT + timedelta(hours=23))
    assert look(engine, agency, ip="192.0.2.99", at=AT + timedelta(hours=24)) == Match((program.id,))


def test_an_unknown_policy_is_locked_in_the_same_way(engine: Engine) -> None:
    agency = make_agency(engine)
    for number in range(5):
        assert look(engine, agency, "NOT THERE", ip=f"192.0.2.{number}") == MISS
    with pytest.raises(TooMany):
        look(engine, agency, "NOT THERE", ip="192.0.2.99")


def test_ten_misses_from_a_network_lock_it_for_an_hour(engine: Engine) -> None:
    agency = make_agency(engine)
    program = bakery(engine, agency)
    for number in range(10):
        assert look(engine, agency, f"GUESS {number}", ip=f"2001:db8:0:1::{number}") == MISS
    with pytest.raises(TooMany):
        look(engine, agency, ip="2001:db8:0:1:ffff::1")
    assert look(engine, agency, ip="2001:db8:0:2::1") == Match((program.id,))
    assert look(engine, agency, ip="2001:db8:0:1::1", at=AT + timedelta(hours=1)) == Match((program.id,))


def test_hits_lock_nobody_out(engine: Engine) -> None:
    agency = make_agency(engine)
    program = bakery(engine, agency)
    assert {look(engine, agency).program_ids for _ in range(12)} == {(program.id,)}


def test_hit_and_miss_ask_the_database_the_same_and_probe_the_index_once(engine: Engine) -> None:
    agency = make_agency(engine)
    bakery(engine, agency)
    look(engine, agency, "THE FIRST OF THE HOUR")
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    for number, postal_code in ((NUMBER, "10001"), ("NOT THERE", ZIP)):
        asked.append("|")
        assert look(engine, agency, number, postal_code) == MISS
    wrong_zip, unknown = ("\n".join(asked)).split("|")[1:]
    assert wrong_zip.strip() == unknown.strip()
    assert wrong_zip.count("FROM guest_key") == 1
