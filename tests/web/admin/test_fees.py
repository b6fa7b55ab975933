"""Accountants set what paying costs: examples while they type, why a state says no, and whether parts are taken."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.agencies.part_settings import Limit, Parts, parse_limit, parts_of
from portal.core.audit import AuditEntry
from portal.core.errors import BadInput
from portal.core.tenancy import reading, reading_global
from tests.factories.people import make_agency
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, words

PASS_ON = {"bearer": "payer", "card_percent": "2.5", "card_fixed": "0", "bank": "2.00"}


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app), state="NC")


@pytest.fixture
def accountant(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "accountant")


def stored(app: Flask) -> Agency:
    with reading_global(engine_of(app)) as session:
        return session.scalars(select(Agency)).one()


def test_fees_are_set_with_an_audit_line(app: Flask, accountant: Visitor) -> None:
    assert "Payers see no fee." in words(accountant.get("/admin/fees"))
    assert accountant.post("/admin/fees", **PASS_ON).location == "/harbor/admin/fees"
    page = words(accountant.get("/admin/fees"))
    assert "$1,000.00 $25.00 $0.00 $2.00" in page
    assert (stored(app).fee_is_passed_on, stored(app).card_fee_basis_points, stored(app).bank_fee_cents) == (
        True,
        250,
        200,
    )
    with reading(engine_of(app), accountant.agency.id) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "fees.set")).one()
    assert entry.detail["card_basis_points"] == 250


def test_examples_come_while_one_types_and_nothing_is_stored(app: Flask, accountant: Visitor) -> None:
    answer = accountant.get("/admin/fees", query_string=PASS_ON, headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert "$5,000.00 $125.00 $0.00 $2.00" in words(answer)
    wrong = accountant.get("/admin/fees", query_string=PASS_ON | {"card_percent": "x"}, headers={"HX-Request": "true"})
    assert "The examples come when the form has no errors." in words(wrong)
    whole = accountant.get("/admin/fees", query_string=PASS_ON)
    assert 'value="2.5"' in whole.text
    assert not stored(app).fee_is_passed_on


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("card_percent", "3.5", "between 0 and 3 percent"),
        ("card_percent", "many", "is not a percentage"),
        ("card_fixed", "2", "between $0.00 and $1.00"),
        ("bank", "100", "between $0.00 and $25.00"),
        ("bank", "-1", "between $0.00 and $25.00"),
        ("bearer", "nobody", "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_named_and_what_was_typed_stays(
    accountant: Visitor, field: str, typed: str, said: str
) -> None:
    answer = accountant.post("/admin/fees", **(PASS_ON | {"card_percent": "1.75", field: typed}))
    assert answer.status_code == 422
    assert said in words(answer)
    if field != "card_percent":
        assert 'value="1.75"' in answer.text


def test_states_say_why_with_their_source(app: Flask, accountant: Visitor) -> None:
    page = words(accountant.get("/admin/fees"))
    assert "NC : NC allows a fee on credit cards." in page
    assert re.search(r"MA Not allowed MA does not allow a fee for paying by card\. M\.G\.L\..* Verified", page)
    assert re.search(r"OK Not allowed .* Not verified", page)
    massachusetts = make_agency(engine_of(app), "juniper", state="MA")
    services = app.extensions["portal"]
    services.directory.forget()
    theirs = staff_visitor(app, massachusetts, "admin").get("/admin/fees", query_string=PASS_ON)
    assert "No fee is charged MA does not allow a fee for paying by card." in words(theirs)


def test_part_payments_are_set(app: Flask, accountant: Visitor) -> None:
    accountant.post("/admin/part-payments", "/admin/fees", taken="y", least="$50", most="50 %")
    assert parts_of(stored(app)) == Parts(True, Limit(cents=50_00), Limit(basis_points=5_000))
    page = accountant.get("/admin/fees")
    assert 'value="50.00"' in page.text
    assert 'value="50 %"' in page.text
    answer = accountant.post("/admin/part-payments", "/admin/fees", taken="y", least="100", most="50")
    assert answer.status_code == 422
    assert "The most is below the least" in words(answer)
    assert 'value="100"' in answer.text
    accountant.post("/admin/part-payments", "/admin/fees", least="", most="")
    assert parts_of(stored(app)) == Parts(False)


@pytest.mark.parametrize("raw", ["x", "0", "-5", "0 %", "101 %", "x %"])
def test_what_is_no_limit_is_refused(raw: str) -> None:
    with pytest.raises(BadInput):
        parse_limit(raw)


def test_producers_set_none(app: Flask, agency: Agency) -> None:
    assert staff_visitor(app, agency, "producer").get("/admin/fees").status_code == 403
