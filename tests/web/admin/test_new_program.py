"""Producers create a program: typed, checked, billed once; or kept as a draft and billed later."""

import re
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.cli.verify_ledger import ALL
from portal.core.audit import AuditEntry
from portal.core.invariants import check
from portal.core.tenancy import reading, writing
from portal.insureds.erase import erase_insured
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.programs.models import GuestKey, PaymentLink, Policy, Program
from tests.factories.people import make_agency, make_insured
from tests.factories.staff import staff_visitor
from tests.factories.typed_program import POLICY, typed
from tests.web.visitor import Visitor, engine_of, words

NEW = "/admin/programs/new"


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app), state="TX")


@pytest.fixture
def producer(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "producer")


def seen(page: str) -> str:
    """Which notes stand on the page."""
    found = re.search(r'name="seen" value="([0-9a-f]*)"', page)
    assert found
    return found[1]


def create(producer: Visitor, fields: dict[str, str], step: str = "save") -> str:
    """Press the button, read what follows, press again; where it leads."""
    first = producer.post(NEW, step=step, **fields)
    if first.location is None:
        first = producer.post(NEW, step=step, **fields | {"seen": seen(first.text)})
    assert first.location, words(first)
    return str(first.location).removeprefix("/harbor")


def test_a_program_is_typed_checked_and_billed(app: Flask, agency: Agency, producer: Visitor) -> None:
    asked = producer.post(NEW, step="save", **typed())
    assert asked.status_code == 422
    assert "An invoice of $1,335.50 is issued, due Sep 1, 2026. Nothing is mailed." in words(asked)
    page = producer.get(create(producer, typed()))
    assert "The program is created and billed." in words(page)
    with reading(engine_of(app), agency.id) as session:
        program = session.scalars(select(Program)).one()
        policy = session.scalars(select(Policy)).one()
        insured = session.scalars(select(Insured)).one()
        invoice = session.scalars(select(Invoice)).one()
        assert (program.reference, program.name, program.is_draft) == ("PR-TYPED", "General Liability", False)
        assert (policy.carrier, policy.carrier_naic, policy.coverage_code) == (
            "The Hanover Insurance Company",
            "22292",
            "CGL",
        )
        assert (policy.minimum_earned_rate, policy.gross_commission_rate) == (Decimal("0.25"), Decimal("0.005"))
        assert (insured.state, insured.phone) == ("TX", "828-555-0134")
        emails = session.scalars(select(InsuredEmail.email).order_by(InsuredEmail.email)).all()
        assert emails == ["maria@books.example", "owner@books.example"]
        assert (invoice.total_cents, invoice.due_date, invoice.state) == (133_550, date(2026, 9, 1), "open")
        assert session.scalars(select(PaymentLink)).one().program_id == program.id
        assert len(session.scalars(select(GuestKey)).all()) == 2
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "program.bound")).one()
        assert (entry.actor, entry.detail["total_cents"]) == ("producer@harbor.example", 133_550)
        assert list(check(session, ALL)) == []


def test_pressing_twice_makes_one_program(app: Flask, agency: Agency, producer: Visitor) -> None:
    create(producer, typed())
    again = producer.post(NEW, step="save", **typed())
    assert again.status_code == 422
    assert "Another program has this number. If you pressed the button twice, it is there already." in words(again)
    with reading(engine_of(app), agency.id) as session:
        assert len(session.scalars(select(Program)).all()) == 1


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(producer: Visitor) -> None:
    wrong = POLICY | {"premium_cents": "12oo", "expiration_date": "2026-08-01", "carrier": ""}
    page = producer.post(NEW, step="save", **typed(wrong, **{"insured-postal_code": "7"}))
    said = words(page)
    assert page.status_code == 422
    assert "Policy 1, Premium: “12oo” is not an amount." in said
    assert "Policy 1, Expiration date: It is not after the effective date." in said
    assert "Policy 1, Carrier: Fill this in." in said
    assert "Customer, ZIP: This is not a ZIP code." in said
    assert 'value="12oo"' in page.text
    assert 'value="Harbor Street Books LLC"' in page.text


def test_nothing_to_pay_and_no_policy_cannot_be_billed(producer: Visitor) -> None:
    free = POLICY | {"premium_cents": "", "taxes_cents": "0", "policy_fee_cents": ""}
    assert "There is nothing to pay" in words(producer.post(NEW, step="save", **typed(free)))
    empty = {name: value for name, value in typed().items() if not name.startswith("policies")}
    assert "Add a policy, or save it as a draft." in words(producer.post(NEW, step="save", **empty))
    twice = words(producer.post(NEW, step="save", **typed(POLICY, POLICY)))
    assert "Policy 2, Policy number: Another policy here has the same number" in twice


def test_a_draft_may_be_unfinished_and_is_billed_later(app: Flask, agency: Agency, producer: Visitor) -> None:
    unfinished = POLICY | {"policy_number": "", "carrier": "", "premium_cents": ""}
    fields = typed(unfinished, **{"insured-address_line1": "", "insured-city": "", "insured-postal_code": ""})
    place = create(producer, fields, "draft")
    page = words(producer.get(place))
    assert "The draft is kept. Nothing is billed yet." in page
    assert "Incomplete" in page
    form = producer.get(f"{place}/edit")
    assert "Save as a draft" in words(form)
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(Invoice)).all() == []
        assert session.scalars(select(Program)).one().is_draft


def test_policies_are_added_and_removed_by_buttons(producer: Visitor) -> None:
    added = producer.post(NEW, step="add", **typed())
    assert added.status_code == 200
    assert "Policy 2" in words(added)
    assert re.search(r'name="policies-1-effective_date" type="date" value="2026-09-01"', added.text)
    assert re.search(r'name="policies-1-policy_number" type="text" value=""', added.text)
    removed = producer.post(NEW, step="remove-0", **typed(POLICY, POLICY | {"policy_number": "N-2"}))
    assert re.search(r'name="policies-0-policy_number" type="text" value="N-2"', removed.text)
    assert "Policy 2" not in words(removed)
    full = [POLICY | {"policy_number": f"N-{number}"} for number in range(25)]
    assert "Add a policy" not in words(producer.post(NEW, step="totals", **typed(*full)))
    many = [POLICY | {"policy_number": f"N-{number}"} for number in range(26)]
    assert "A program has at most 25 policies." in words(producer.post(NEW, step="save", **typed(*many)))


def test_totals_come_while_one_types_and_by_a_button(producer: Visitor) -> None:
    fields = typed(POLICY, POLICY | {"premium_cents": "100", "coverage": "Property", "policy_fee_cents": "x"})
    fragment = producer.post("/admin/programs/totals", page=NEW, **fields)
    assert "<html" not in fragment.text
    assert words(fragment) == "general liability $1,335.50 Property $160.50 Total $1,496.00 $1,496.00"
    assert "Total $1,496.00" in words(producer.post(NEW, step="totals", **fields))


def test_duplicates_are_warned_of_and_can_be_meant(app: Flask, agency: Agency, producer: Visitor) -> None:
    create(producer, typed())
    other = typed(POLICY | {"policy_number": "cps 0071234"}, reference="PR-OTHER")
    warned = producer.post(NEW, step="save", **other)
    said = words(warned)
    assert "Harbor Street Books LLC in Austin (C-" in said
    assert "has the same name or e-mail address. Is it the same customer?" in said
    assert "Policy CPS-0071234 is billed in “General Liability” of Harbor Street Books LLC already." in said
    create(producer, other)
    renewal = POLICY | {"effective_date": "2027-09-01", "expiration_date": "2028-09-01"}
    apart = {"insured-name": "Another", "insured-emails": "", "insured-postal_code": "78702", "reference": "PR-3"}
    assert "is billed in" not in words(producer.post(NEW, step="save", **typed(renewal, **apart)))


def test_a_known_customer_is_chosen_and_stays_as_it_is(app: Flask, agency: Agency, producer: Visitor) -> None:
    with writing(engine_of(app), agency.id) as session:
        insured_id = make_insured(session, "ana@bakery.example").id
    found = producer.get("/admin/programs/new/customer?q=riverside")
    assert f"/admin/programs/new?insured={insured_id}" in found.text
    form = producer.get(f"{NEW}?insured={insured_id}")
    assert "Riverside Bakery LLC" in words(form)
    assert "insured-name" not in form.text
    create(producer, typed(insured_id=str(insured_id)))
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(Program)).one().insured_id == insured_id
        assert session.scalars(select(Insured)).one().name == "Riverside Bakery LLC"
    assert producer.get(f"{NEW}?insured=98765432").status_code == 404
    with writing(engine_of(app), agency.id) as session:
        erased = make_insured(session, "bo@forge.example", reference="FRG-1")
        erase_insured(session, erased, ("bo@forge.example",))
    assert producer.get(f"{NEW}?insured={erased.id}").status_code == 404  # nobody is left who could be asked to pay


def test_support_does_not_create(app: Flask, agency: Agency) -> None:
    support = staff_visitor(app, agency, "support")
    assert support.get(NEW).status_code == 403
    assert "New program" not in words(support.get("/admin/programs"))
