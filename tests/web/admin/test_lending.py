"""Accountants set what is lent on: an example while they type, and why a state says no."""

import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.audit import AuditEntry
from portal.core.tenancy import reading
from portal.financing.models import LendingTerms
from tests.factories.people import make_agency
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, words

TERMS: dict[str, Any] = {
    "is_offered": "y",
    "note_rate": "12.9",
    "down_payment": "25 %",
    "plans": ["9x1", "3x3"],
    "lender_name": "Empire Premium Funding",
    "lender_address": "1 Wall St\r\nNew York, NY 10005",
    "refund_method": "actuarial",
}


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app), state="NC")


@pytest.fixture
def accountant(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "accountant")


def stored(app: Flask, agency: Agency) -> LendingTerms | None:
    with reading(engine_of(app), agency.id) as session:
        return session.scalars(select(LendingTerms)).one_or_none()


def test_terms_are_set_with_an_audit_line(app: Flask, agency: Agency, accountant: Visitor) -> None:
    assert "Financing is switched off above" in words(accountant.get("/admin/financing"))
    assert accountant.post("/admin/financing", **TERMS).location == "/harbor/admin/financing"
    terms = stored(app, agency)
    assert terms is not None
    assert (terms.note_rate, terms.down_payment_rate, terms.plans) == (Decimal("0.129"), Decimal("0.25"), "9x1 3x3")
    assert terms.lender_address == "1 Wall St\nNew York, NY 10005"
    page = accountant.get("/admin/financing")
    assert 'value="12.9"' in page.text
    assert "switched off" not in words(page)
    with reading(engine_of(app), agency.id) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "lending.set")).one()
    assert (entry.detail["note_rate"], entry.detail["plans"]) == ("0.129", "9x1 3x3")


def test_the_example_comes_while_one_types_and_nothing_is_stored(
    app: Flask, agency: Agency, accountant: Visitor
) -> None:
    tried = TERMS | {"premium": "12000", "state": "NY"}
    answer = accountant.get("/admin/financing", query_string=tried, headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    said = words(answer)
    assert "Limit in NY: $14.00 a year for each $100 financed. $10.00 once." in said
    assert "9 monthly $3,000.00 down, then 9 × $1,054.52 · APR 12.90%" in said
    assert re.search(r"Finance charge \$490\.\d\d, NY allows \$955\.00 Offered", said)
    assert re.search(r"3 quarterly \$4,\d{3}\.00 down, then 3 × .* Down payment raised to \d\d%, so that", said)
    assert "not offered" not in said.lower()
    six = words(accountant.get("/admin/financing", query_string=tried | {"plans": "1x6"}))
    assert re.search(r"1 after 6 months \$6,\d{3}\.00 down, then 1 × .* Offered", six)
    dear = words(accountant.get("/admin/financing", query_string=tried | {"note_rate": "30", "plans": "9x1"}))
    assert "The interest would be above what the state allows. Not offered" in dear
    unknown = words(accountant.get("/admin/financing", query_string=tried | {"state": "TX"}))
    assert "Nothing is offered in TX The rule of TX about premium finance is not verified." in unknown
    florida = words(accountant.get("/admin/financing", query_string=tried | {"state": "FL", "note_rate": "8"}))
    assert "Stamp tax $31.50, due with the down payment" in florida
    wrong = words(accountant.get("/admin/financing", query_string=tried | {"premium": "x"}))
    assert "The example comes when the form has no errors." in wrong
    assert stored(app, agency) is None


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("note_rate", "36.5", "between 0 and 36 percent"),
        ("note_rate", "much", "is not a percentage"),
        ("down_payment", "4", "between 5 and 90 percent"),
        ("down_payment", "", "Enter the down payment."),
        ("plans", [], "Choose at least one."),
        ("plans", "7x1", "is not a valid choice"),
        ("lender_name", " ", "Enter who lends the money."),
        ("lender_address", "", "Enter the address of the lender."),
        ("refund_method", "by feeling", "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_named_and_what_was_typed_stays(
    app: Flask, agency: Agency, accountant: Visitor, field: str, typed: object, said: str
) -> None:
    answer = accountant.post("/admin/financing", **(TERMS | {"down_payment": "33", field: typed}))
    assert answer.status_code == 422
    assert said in words(answer)
    if field != "down_payment":
        assert 'value="33"' in answer.text
    assert stored(app, agency) is None


def test_switched_off_needs_no_lender(app: Flask, agency: Agency, accountant: Visitor) -> None:
    off = TERMS | {"lender_name": "", "lender_address": "", "plans": []}
    del off["is_offered"]
    assert accountant.post("/admin/financing", **off).status_code == 303
    terms = stored(app, agency)
    assert terms is not None
    assert not terms.is_offered


def test_states_say_their_limit_or_why_nothing_is_offered_there(accountant: Visitor) -> None:
    page = words(accountant.get("/admin/financing"))
    assert re.search(
        r"NY Yes \$14\.00 a year for each \$100 financed\. \$10\.00 once\. N\.Y\. Banking Law .* Verified", page
    )
    assert re.search(r"NJ No We know no limit of NJ for what financing may cost\. N\.J\.S\.A\. .* Verified", page)
    assert re.search(r"TX No The rule of TX about premium finance is not verified\. .* Not verified", page)
    assert re.search(r"No rule yet, so nothing is offered: .*NV", page)


def test_producers_set_none(app: Flask, agency: Agency) -> None:
    assert staff_visitor(app, agency, "producer").get("/admin/financing").status_code == 403
