"""Payment links that take no payment say why."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.agencies.models import Agency
from portal.core.tenancy import writing
from portal.programs.links import issue_link, replace_link
from tests.factories.people import make_agency, make_insured, make_invoice, make_policy, make_program
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"archived_at": AT}, "What it was for was withdrawn."),
        ({"is_draft": True}, "still being prepared"),
        ({"billing_type": "agency_bill"}, "billed to the insured’s agent or broker"),
    ],
    ids=["archived", "draft", "agency bill"],
)
def test_of_a_program(app: Flask, agency: Agency, change: dict[str, object], says: str) -> None:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session)
        program = make_program(session, insured, **change)
        make_policy(session, program, "CPS 0071234")
        make_invoice(session, insured, program)
        token = issue_link(session, AT, program_id=program.id).token
    answer = Visitor(app, agency).get(f"/pay/{token}")
    assert answer.status_code == 410
    assert says in words(answer)
    assert agency.phone in words(answer)
    assert "$" not in words(answer)


def test_of_an_invoice_that_is_void(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        invoice = make_invoice(session, make_insured(session), state="void", open_cents=0)
        token = issue_link(session, AT, invoice_id=invoice.id).token
    answer = Visitor(app, agency).get(f"/pay/{token}")
    assert (answer.status_code, "nothing is owed on it" in words(answer)) == (410, True)


def test_that_was_replaced(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        invoice = make_invoice(session, make_insured(session))
        token = issue_link(session, AT, invoice_id=invoice.id).token
        replace_link(session, AT, invoice_id=invoice.id)
    answer = Visitor(app, agency).get(f"/pay/{token}")
    assert (answer.status_code, "A newer one has taken its place" in words(answer)) == (410, True)
