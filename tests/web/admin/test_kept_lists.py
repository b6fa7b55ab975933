"""Accountants keep the lists that the form of a program offers: ours to begin with, and what they made of them."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.audit import AuditEntry
from portal.core.tenancy import reading
from portal.programs.models import Policy
from tests.factories.people import make_agency
from tests.factories.staff import staff_visitor
from tests.factories.typed_program import POLICY, typed
from tests.web.admin.test_new_program import NEW, create
from tests.web.visitor import Visitor, engine_of, words

LISTS = "/admin/kept-lists"


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app))


@pytest.fixture
def accountant(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "accountant")


def test_a_list_begins_with_what_we_know(accountant: Visitor) -> None:
    assert "The Hanover Insurance Company" in words(accountant.get(LISTS))
    assert "General Liability CGL" in words(accountant.get(f"{LISTS}?kind=coverage"))
    assert "The list is empty" in words(accountant.get(f"{LISTS}?kind=wholesaler"))
    assert accountant.get(f"{LISTS}?kind=other").status_code == 404


def test_what_is_added_is_offered_and_gives_its_code(app: Flask, agency: Agency, accountant: Visitor) -> None:
    for kind, code, name in (
        ("carrier", "99", "Bay Mutual"),
        ("coverage", "drone", "Drones"),
        ("wholesaler", "", "Gulf Brokers"),
    ):
        assert accountant.post(f"{LISTS}?kind={kind}", code=code, name=name).status_code == 303
    form = accountant.get(NEW).text
    assert all(f'<option value="{name}">' in form for name in ("Bay Mutual", "Drones", "Gulf Brokers"))
    create(accountant, typed(POLICY | {"carrier": "bay mutual", "coverage": "DRONE", "wholesaler": "gulf brokers"}))
    with reading(engine_of(app), agency.id) as session:
        policy = session.scalars(select(Policy)).one()
        changes = select(AuditEntry).where(AuditEntry.action == "list.changed").order_by(AuditEntry.id)
        entry = session.scalars(changes).first()
    assert (policy.carrier, policy.carrier_naic, policy.wholesaler) == ("Bay Mutual", "00099", "Gulf Brokers")
    assert (policy.coverage_code, policy.coverage) == ("DRONE", "Drones")
    assert entry is not None
    assert entry.detail == {"list": "carrier", "code": "00099", "name": "Bay Mutual", "is_offered": True}


def test_one_is_taken_off_put_back_and_named_otherwise(accountant: Visitor) -> None:
    option = '<option value="The Hanover Insurance Company">'
    accountant.post(f"{LISTS}/switch", LISTS, kind="carrier", off="22292")
    assert option not in accountant.get(NEW).text
    assert "Taken off" in words(accountant.get(LISTS))
    accountant.post(f"{LISTS}/switch", LISTS, kind="carrier", back="22292")
    assert option in accountant.get(NEW).text
    assert accountant.post(LISTS, code="22292", name="Hanover").status_code == 303
    assert '<option value="Hanover">' in accountant.get(NEW).text
    assert option not in accountant.get(NEW).text
    assert accountant.post(f"{LISTS}/switch", LISTS, kind="carrier", off="no-such").status_code == 404


def test_what_cannot_be_added_says_why(accountant: Visitor) -> None:
    twice = accountant.post(LISTS, code="", name="hanover ins. co.")
    assert twice.status_code == 422
    assert "“The Hanover Insurance Company” stands in the list already." in words(twice)
    assert 'value="hanover ins. co."' in twice.text
    assert "A NAIC code has five digits." in words(accountant.post(LISTS, code="x", name="Bay"))
    assert "A coverage type needs a code" in words(accountant.post(f"{LISTS}?kind=coverage", code="", name="Drones"))
    assert "Fill this in." in words(accountant.post(LISTS, code="", name=""))


def test_producers_do_not_keep_lists(app: Flask, agency: Agency) -> None:
    assert staff_visitor(app, agency, "producer").get(LISTS).status_code == 403
