"""Staff can show what a payer has authorized, and only what was; strangers find nothing."""

import pytest
from flask import Flask

from portal.agencies.models import Agency
from portal.core.tenancy import writing
from portal.payments.models import Payment
from tests.factories.payments import make_mandate, make_payment
from tests.factories.people import make_agency, make_insured, make_invoice, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, words

WORDS = "You authorize Harbor to debit $1,000.00 once.\nTo revoke it, call us."


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app))


@pytest.fixture
def debit(app: Flask, agency: Agency) -> Payment:
    """A bank debit of a program, under way."""
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        invoice = make_invoice(session, insured, make_program(session, insured))
        bank = {"method_kind": "us_bank_account", "method_brand": "STRIPE TEST BANK", "method_last4": "6789"}
        payment = make_payment(session, invoice, state="processing", **bank)
        make_mandate(session, payment, WORDS)
        return payment


@pytest.fixture
def support(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "support")


def test_the_program_leads_to_it(support: Visitor, debit: Payment) -> None:
    page = support.get("/admin/programs/1")
    assert "STRIPE TEST BANK ••6789" in words(page)
    assert f"/admin/payments/{debit.id}/authorization" in page.text
    shown = words(support.get(f"/admin/payments/{debit.id}/authorization"))
    for part in ("You authorize Harbor to debit $1,000.00 once.", "To revoke it, call us.", "192.0.2.7", "Firefox"):
        assert part in shown


def test_a_payment_without_one_has_no_such_page(app: Flask, agency: Agency, support: Visitor) -> None:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        card = make_payment(session, make_invoice(session, insured, make_program(session, insured)))
    assert "authorization" not in support.get("/admin/programs/1").text
    assert support.get(f"/admin/payments/{card.id}/authorization").status_code == 404
