"""The program's page says what can be done with it, and why the rest cannot; each action says what follows first."""

import pytest
from flask import Flask

from portal.agencies.models import Agency
from portal.core.tenancy import reading, writing
from portal.programs.models import Program
from tests.factories.payments import make_link
from tests.factories.people import make_agency, make_insured, make_invoice, make_payment_under_way, make_policy
from tests.factories.people import make_program as program_of
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, agree, engine_of, words


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app))


def make_program(app: Flask, agency: Agency, *, is_under_way: bool = False) -> int:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        program = program_of(session, insured)
        make_policy(session, program, "GL-1")
        invoice = make_invoice(session, insured, program)
        make_link(session, program)
        if is_under_way:
            make_payment_under_way(session, invoice)
        return program.id


def test_archived_and_taken_out_again_through_the_pages(app: Flask, agency: Agency) -> None:
    program_id = make_program(app, agency)
    producer = staff_visitor(app, agency, "producer")
    page = f"/admin/programs/{program_id}"
    assert "Take out of the archive It is not archived." in words(producer.get(page))
    assert "Its payment link is closed" in words(producer.get(f"{page}/archive"))
    assert agree(producer, f"{page}/archive").location == f"/harbor{page}"
    assert "The program is archived. " in words(producer.get(page))
    with reading(engine_of(app), agency.id) as session:
        assert session.get_one(Program, program_id).archived_at is not None
    assert producer.get(f"{page}/archive").location == f"/harbor{page}"
    assert "It is archived." in words(producer.get(page))
    assert agree(producer, f"{page}/unarchive").location == f"/harbor{page}"
    assert "Program taken out of the archive" in words(producer.get(page))


def test_a_forbidden_move_leads_back_with_its_reason(app: Flask, agency: Agency) -> None:
    program_id = make_program(app, agency)
    producer = staff_visitor(app, agency, "producer")
    page = f"/admin/programs/{program_id}"
    shown = producer.get(f"{page}/archive")
    with writing(engine_of(app), agency.id) as session:
        make_payment_under_way(
            session, make_invoice(session, make_insured(session), session.get_one(Program, program_id))
        )
    assert agree(producer, f"{page}/archive", shown).location == f"/harbor{page}"
    assert "A payment is under way; wait until it is through." in words(producer.get(page))
    with reading(engine_of(app), agency.id) as session:
        assert session.get_one(Program, program_id).archived_at is None


def test_support_sees_what_is_for_support_only(app: Flask, agency: Agency) -> None:
    page = f"/admin/programs/{make_program(app, agency)}"
    support: Visitor = staff_visitor(app, agency, "support")
    assert "Archive" not in words(support.get(page))
    assert support.get(f"{page}/archive").status_code == 403
