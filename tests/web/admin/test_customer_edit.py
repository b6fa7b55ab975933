"""Staff correct a customer's data: it counts at once, for the guest's look-up too; nobody's work is overwritten."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask

from portal.agencies.models import Agency
from portal.core.tenancy import reading, writing
from portal.insureds.models import Insured
from portal.programs.guest_keys import reindex
from tests.factories.people import key_of, make_agency, make_insured, make_invoice, make_policy, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 16, tzinfo=UTC)
SEEN = re.compile(r'name="seen" value="([^"]*)"')
DATA = {
    "name": "Riverside Bakery LLC",
    "kind": "business",
    "contact_first_name": "Ana",
    "contact_last_name": "Ruiz",
    "phone": "",
    "address_line1": "12 Main St",
    "address_line2": "",
    "city": "Austin",
    "state": "TX",
    "postal_code": "78701",
    "country": "US",
    "locale": "en_US",
}


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def bakery(app: Flask, agency: Agency) -> Insured:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example", reference="BAK-1")
        program = make_program(session, insured)
        make_policy(session, program, "CPS 0071234")
        make_invoice(session, insured, program)
        reindex(session, key_of(agency), [program.id])
    return insured


@pytest.fixture
def producer(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "producer")


def seen_on(staff: Visitor, insured: Insured) -> str:
    found = SEEN.search(staff.get(f"/admin/customers/{insured.id}/edit").text)
    assert found
    return unescape(found[1])


def test_a_new_zip_counts_at_once_for_third_parties(
    app: Flask, agency: Agency, producer: Visitor, bakery: Insured
) -> None:
    def found(postal_code: str, ip: str) -> bool:
        guest = Visitor(app, agency, ip)
        answer = guest.post("/pay-a-policy", policy_number="CPS 0071234", zip=postal_code)
        return answer.status_code == 303

    assert found("78701", "198.51.100.1")
    new = DATA | {"postal_code": "78750-1234", "phone": "(555) 010-0199"}
    answer = producer.post(f"/admin/customers/{bakery.id}/edit", **new, seen=seen_on(producer, bakery))
    assert answer.location == f"/harbor/admin/customers/{bakery.id}"
    page = words(producer.get(f"/admin/customers/{bakery.id}"))
    assert "78750" in page
    assert "Insured changed" in page
    assert found("78750", "198.51.100.2")
    assert not found("78701", "198.51.100.3")
    with reading(engine_of(app), agency.id) as session:
        stored = session.get_one(Insured, bakery.id)
        assert (stored.reference, stored.contact_last_name) == ("BAK-1", "Ruiz")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": " "}, "Fill this in."),
        ({"postal_code": "ABCDE"}, "ZIP"),
        ({"state": "Ontario"}, "state"),
        ({"city": ""}, "Fill this in."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    producer: Visitor, bakery: Insured, wrong: dict[str, str], why: str
) -> None:
    typed = DATA | {"contact_first_name": "Anabel"} | wrong
    answer = producer.post(f"/admin/customers/{bakery.id}/edit", **typed, seen=seen_on(producer, bakery))
    assert answer.status_code == 422
    assert why in words(answer)
    assert 'value="Anabel"' in answer.text


def test_the_second_of_two_people_sees_what_the_first_changed(
    app: Flask, agency: Agency, producer: Visitor, bakery: Insured
) -> None:
    path, seen = f"/admin/customers/{bakery.id}/edit", seen_on(producer, bakery)
    producer.post(path, **(DATA | {"city": "Dallas"}), seen=seen)
    answer = producer.post(path, **(DATA | {"address_line1": "99 Oak Ave"}), seen=seen)
    assert answer.status_code == 422
    assert "City stands at “Dallas” now." in words(answer)
    assert 'value="99 Oak Ave"' in answer.text
    again = SEEN.search(answer.text)
    assert again
    producer.post(path, **(DATA | {"address_line1": "99 Oak Ave", "city": "Dallas"}), seen=unescape(again[1]))
    with reading(engine_of(app), agency.id) as session:
        stored = session.get_one(Insured, bakery.id)
        assert (stored.address_line1, stored.city) == ("99 Oak Ave", "Dallas")


def test_support_may_not(app: Flask, agency: Agency, bakery: Insured) -> None:
    support = staff_visitor(app, agency, "support")
    assert support.get(f"/admin/customers/{bakery.id}/edit").status_code == 403
    assert f"/admin/customers/{bakery.id}/edit" not in support.get(f"/admin/customers/{bakery.id}").text
