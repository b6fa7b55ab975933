"""The guest's look-up, as third parties meet it over HTTP."""

import re
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import writing
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.programs.guest_keys import reindex
from portal.programs.models import Program
from tests.factories.people import (
    key_of,
    make_agency,
    make_insured,
    make_invoice,
    make_payment_under_way,
    make_policy,
    make_program,
)
from tests.web.visitor import Visitor, engine_of, set_clock, wait, without_secrets, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
NUMBER, ZIP = "CPS 0071234", "78701"
CANARIES = ["Riverside", "Bakery", "ana@", "12 Main St", "Austin", "78701", "0071234", "PRG-", "INS-", "2026 package"]


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def accountant(app: Flask, agency: Agency) -> Visitor:
    return Visitor(app, agency)


@pytest.fixture
def bakery(app: Flask, agency: Agency) -> Program:
    """A program with two policies and an open invoice of $1,000.00."""
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        program = make_program(session, insured)
        make_policy(session, program, NUMBER)
        make_policy(session, program, "XYZ 998877", coverage="Commercial auto")
        make_invoice(session, insured, program)
        reindex(session, key_of(agency), [program.id])
    return program


def add_program(app: Flask, agency: Agency, insured_id: int | None = None, begin: int = 2025) -> Program:
    """Another program with a policy of the same number: of this insured, or of a new one."""
    with writing(engine_of(app), agency.id) as session:
        insured = session.get_one(Insured, insured_id) if insured_id else make_insured(session, name="Other Shop")
        program = make_program(session, insured)
        make_policy(session, program, NUMBER, effective_date=date(begin, 7, 1), expiration_date=date(begin + 1, 7, 1))
        make_invoice(session, insured, program, total_cents=5_000)
        reindex(session, key_of(agency), [program.id])
    return program


def test_number_and_zip_open_the_masked_program(accountant: Visitor, bakery: Program) -> None:
    found = accountant.post("/pay-a-policy", policy_number="cps-0071234", zip="78701-4042")
    assert (found.status_code, found.location) == (303, f"/harbor/guest/program/{bakery.id}")
    page = accountant.get(f"/guest/program/{bakery.id}")
    seen = words(page)
    assert "R••••• B••••• L•••••" in seen
    assert "•••••1234" in seen
    assert "•••••8877" in seen
    assert "$1,000.00" in seen
    assert "Payment due" in seen
    assert page.headers["Cache-Control"] == "no-store"
    assert [canary for canary in CANARIES if canary in page.text] == []


def test_what_is_ticked_goes_on_to_the_payment(accountant: Visitor, bakery: Program) -> None:
    accountant.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP)
    page = accountant.get(f"/guest/program/{bakery.id}").text
    assert '<form method="get" action="/harbor/guest/pay"' in page
    assert 'name="invoice"' in page


def test_every_miss_has_the_same_page(app: Flask, agency: Agency, bakery: Program) -> None:
    def page(number: str, postal_code: str) -> tuple[int, str]:
        visitor = Visitor(app, agency, f"192.0.2.{len(seen)}")
        answer = visitor.post("/pay-a-policy", policy_number=number, zip=postal_code)
        assert visitor.get(f"/guest/program/{bakery.id}").location == "/harbor/pay-a-policy"
        return answer.status_code, without_secrets(answer).replace(number, "N").replace(postal_code, "Z")

    seen: list[tuple[int, str]] = []
    seen.append(page("NOT THERE", ZIP))
    seen.append(page(NUMBER, "10001"))
    for change in ({"archived_at": AT}, {"guest_payments": False}, {"is_draft": True}, {"billing_type": "agency_bill"}):
        with writing(engine_of(app), agency.id) as session:
            program = session.get_one(Program, bakery.id)
            before = {name: getattr(program, name) for name in change}
            for name, value in change.items():
                setattr(program, name, value)
        seen.append(page(NUMBER, ZIP))
        with writing(engine_of(app), agency.id) as session:
            for name, value in before.items():
                setattr(session.get_one(Program, bakery.id), name, value)
    assert len(seen) == 6
    assert {status for status, _ in seen} == {422}
    assert len(set(seen)) == 1
    assert "We could not find a policy with these details" in seen[0][1]


@pytest.mark.parametrize(
    ("number", "postal_code", "field"),
    [("", ZIP, "policy_number"), ("--", ZIP, "policy_number"), (NUMBER, "7870", "zip"), (NUMBER, "", "zip")],
)
def test_what_cannot_be_looked_up_is_shown_again_as_typed(
    accountant: Visitor, bakery: Program, number: str, postal_code: str, field: str
) -> None:
    answer = accountant.post("/pay-a-policy", policy_number=number, zip=postal_code)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'value="{number}"' in answer.text
    assert f'value="{postal_code}"' in answer.text


def test_a_number_of_several_terms_lets_the_guest_choose(
    app: Flask, agency: Agency, accountant: Visitor, bakery: Program
) -> None:
    earlier = add_program(app, agency, bakery.insured_id)
    found = accountant.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP)
    assert found.location == "/harbor/guest/programs"
    page = accountant.get("/guest/programs")
    assert [canary for canary in CANARIES if canary in page.text] == []
    for program in (bakery, earlier):
        assert f'href="/harbor/guest/program/{program.id}"' in page.text
        assert accountant.get(f"/guest/program/{program.id}").status_code == 200
    assert words(page).index("$1,000.00") < words(page).index("$50.00")


def test_the_newest_term_comes_first_whatever_its_id(
    app: Flask, agency: Agency, accountant: Visitor, bakery: Program
) -> None:
    terms = {begin: add_program(app, agency, bakery.insured_id, begin) for begin in (2024, 2030, 2028)}
    assert accountant.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP).location == "/harbor/guest/programs"
    shown = re.findall(r"/guest/program/(\d+)", accountant.get("/guest/programs").text)
    newest_first = [terms[2030].id, terms[2028].id, bakery.id, terms[2024].id]
    assert list(dict.fromkeys(int(program_id) for program_id in shown)) == newest_first


def test_a_number_of_several_insureds_asks_for_the_effective_date(
    app: Flask, agency: Agency, accountant: Visitor, bakery: Program
) -> None:
    other = add_program(app, agency)
    asked = accountant.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP)
    assert asked.status_code == 422
    assert "the date on which the policy takes effect" in words(asked)
    assert "<title>Error:" not in asked.text
    fields = {"policy_number": NUMBER, "zip": ZIP}
    wrong = accountant.post("/pay-a-policy", **fields, effective_date="7/2/2025")
    assert "We could not find" in words(wrong)
    assert 'value="7/2/2025"' in wrong.text
    unread = accountant.post("/pay-a-policy", **fields, effective_date="last summer")
    assert "Enter the date like 7/1/2026." in words(unread)
    assert 'value="last summer"' in unread.text
    assert accountant.post("/pay-a-policy", **fields, effective_date="07/01/2025").location == (
        f"/harbor/guest/program/{other.id}"
    )
    assert accountant.get(f"/guest/program/{bakery.id}").status_code == 410


def test_the_look_is_over_after_fifteen_minutes(app: Flask, accountant: Visitor, bakery: Program) -> None:
    accountant.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP)
    wait(app, minutes=14)
    assert accountant.get(f"/guest/program/{bakery.id}").status_code == 200
    wait(app, minutes=1)
    assert accountant.get(f"/guest/program/{bakery.id}").status_code == 410
    assert accountant.get("/guest/programs").status_code == 410


def test_it_holds_in_one_browser_for_one_program(
    app: Flask, agency: Agency, accountant: Visitor, bakery: Program
) -> None:
    other = add_program(app, agency)
    accountant.post("/pay-a-policy", policy_number="XYZ998877", zip=ZIP)
    assert accountant.get(f"/guest/program/{bakery.id}").status_code == 200
    assert accountant.get(f"/guest/program/{other.id}").status_code == 410
    assert Visitor(app, agency).get(f"/guest/program/{bakery.id}").location == "/harbor/pay-a-policy"


def test_a_program_that_is_archived_meanwhile_closes(
    app: Flask, agency: Agency, accountant: Visitor, bakery: Program
) -> None:
    accountant.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP)
    with writing(engine_of(app), agency.id) as session:
        session.get_one(Program, bakery.id).archived_at = AT
    assert accountant.get(f"/guest/program/{bakery.id}").status_code == 410


def test_what_is_being_paid_is_not_offered(app: Flask, agency: Agency, accountant: Visitor, bakery: Program) -> None:
    with writing(engine_of(app), agency.id) as session:
        make_payment_under_way(session, session.scalars(select(Invoice)).one())
    accountant.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP)
    page = accountant.get(f"/guest/program/{bakery.id}")
    assert "A payment is being processed" in words(page)
    assert 'name="invoice"' not in page.text


def test_leaving_forgets_it(accountant: Visitor, bakery: Program) -> None:
    accountant.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP)
    accountant.post("/guest/leave", f"/guest/program/{bakery.id}")
    assert accountant.get(f"/guest/program/{bakery.id}").location == "/harbor/pay-a-policy"


def test_too_many_misses_say_so_and_only_here(app: Flask, agency: Agency, bakery: Program) -> None:
    for number in range(5):
        Visitor(app, agency, f"192.0.2.{number}").post("/pay-a-policy", policy_number=NUMBER, zip="10001")
    visitor = Visitor(app, agency, "192.0.2.99")
    refused = visitor.post("/pay-a-policy", policy_number=NUMBER, zip=ZIP)
    assert refused.status_code == 429
    assert agency.phone in words(refused)
    assert visitor.post("/pay-a-policy", policy_number="XYZ 998877", zip=ZIP).status_code == 303
    assert visitor.post("/sign-in", email="ana@bakery.example").status_code == 303
