"""The list of customers, and one of them with everything."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from portal.agencies.models import Agency
from portal.core.audit import SYSTEM, record
from portal.core.tenancy import writing
from portal.insureds.models import Insured
from tests.factories.payments import make_payment
from tests.factories.people import make_agency, make_insured, make_invoice, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 16, tzinfo=UTC)


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def bakery(app: Flask, agency: Agency) -> Insured:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example", reference="BAK-1", phone="(555) 010-0155")
        program = make_program(session, insured, reference="HBR-2001")
        make_invoice(session, insured, program, total_cents=300_00, due_date=date(2026, 8, 1))
        make_invoice(session, insured, program, kind="financed", total_cents=900_00)
        make_invoice(session, insured, number="ONE-1", description="Filing fee", total_cents=50_00, open_cents=20_00)
        make_payment(session, make_invoice(session, insured, total_cents=70_00), reference="P-BAKERY")
        record(session, SYSTEM, "program.archived", "insured", insured.id, AT)
        make_insured(session, "bo@forge.example", name="Forge & Sons", reference="FRG-1")
    return insured


@pytest.fixture
def staff(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "support")


def test_one_customer_with_everything(staff: Visitor, bakery: Insured) -> None:
    seen = words(staff.get(f"/admin/customers/{bakery.id}"))
    for part in (
        "Riverside Bakery LLC BAK-1",
        "$320.00 open",
        "HBR-2001",
        "Filing fee",
        "P-BAKERY",
        "ana@bakery.example",
        "(555) 010-0155",
    ):
        assert part in seen
    assert "$900.00" not in seen
    assert "Forge" not in seen


@pytest.mark.parametrize("typed", ["river", "bak-", "ana@bak"])
def test_customers_are_found_by_what_staff_know(staff: Visitor, bakery: Insured, typed: str) -> None:
    seen = words(staff.get(f"/admin/customers?q={typed}"))
    assert "Riverside Bakery LLC BAK-1" in seen
    assert "$320.00 open" in seen
    assert "Forge" not in seen
    assert "Nobody fits" in words(staff.get("/admin/customers?q=zebra"))


def test_the_list_goes_on_page_by_page(app: Flask, agency: Agency, staff: Visitor) -> None:
    assert "There are no customers yet" in words(staff.get("/admin/customers"))
    with writing(engine_of(app), agency.id) as session:
        for number in range(60):
            make_insured(session, name=f"Customer {number:02}")
    first = staff.get("/admin/customers")
    assert "Customer 59" in words(first)
    assert "Customer 09" not in words(first)
    before = first.text.rpartition("before=")[2].partition('"')[0]
    second = words(staff.get(f"/admin/customers?before={before}"))
    assert "Customer 09" in second
    assert "Customer 10" not in second
    assert "First page" in second


def test_another_agencys_customer_is_not_there(app: Flask, bakery: Insured) -> None:
    stranger = staff_visitor(app, make_agency(engine_of(app), "juniper"), "admin")
    assert stranger.get(f"/admin/customers/{bakery.id}").status_code == 404
    assert "Riverside" not in stranger.get("/admin/customers?q=river").text
