"""What paying costs: shown before the card is entered, on the review, and in what is charged, kept and booked."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.agencies.fee_settings import Fees, set_fees
from portal.agencies.models import Agency
from portal.core.tenancy import writing_global
from portal.insureds.models import Insured
from portal.ledger.models import JournalLine
from tests.factories.desk import Desk
from tests.web.paying.test_flow import pay, review, sealed
from tests.web.visitor import Visitor, services_of, words


@pytest.fixture
def passed_on(app: Flask, desk: Desk) -> Desk:
    """A desk in North Carolina that passes 2.5 % on."""
    change(app, desk, Fees(True, 250, 0, 0))
    return desk


def change(app: Flask, desk: Desk, fees: Fees) -> None:
    """Set the fees, known at once."""
    with writing_global(desk.till.engine) as session:
        set_fees(session, desk.agency.id, fees)
        session.get_one(Agency, desk.agency.id).state = "NC"
    services_of(app).directory.forget()


def invoice_in(desk: Desk, state: str, cents: int = 400_00) -> int:
    """An invoice of Ana's, who has moved to a state."""
    invoice = desk.invoice(cents)
    with desk.till.writing() as session:
        for insured in session.scalars(select(Insured)):
            insured.state = state
    return invoice


def booked(desk: Desk, account: str) -> int:
    with desk.till.reading() as session:
        total = func.sum(JournalLine.credit_cents - JournalLine.debit_cents)
        return session.scalar(select(total).where(JournalLine.account == account)) or 0


def test_a_credit_card_costs_what_was_shown_everywhere(ana: Visitor, passed_on: Desk) -> None:
    invoice = invoice_in(passed_on, "NC")
    page = words(ana.get(f"/pay?invoice={invoice}"))
    assert "Credit card Counts as paid at once $10.00 fee, $410.00 in all" in page
    assert "Debit or prepaid card Counts as paid at once No fee" in page
    assert "Total without a card fee $400.00" in page
    reviewed = review(ana, passed_on, "/pay", invoice)
    assert "Amount $400.00" in words(reviewed)
    assert "Card fee $10.00" in words(reviewed)
    assert "Pay $410.00" in words(reviewed)
    done = ana.get(pay(ana, "/pay", sealed(reviewed)).location.removeprefix(f"/{passed_on.agency.slug}"))
    assert "Thank you. You paid $410.00" in words(done)
    assert "Card fee $10.00" in words(done)
    assert passed_on.charged_cents() == 410_00
    assert passed_on.invoice_state(invoice) == ("paid", 0)
    assert booked(passed_on, "convenience_fee_income") == 10_00
    passed_on.assert_sound()


@pytest.mark.parametrize("card", ["pm_card_visa_debit", "pm_card_mastercard_prepaid"])
def test_debit_and_prepaid_cards_cost_nothing(ana: Visitor, passed_on: Desk, card: str) -> None:
    invoice = invoice_in(passed_on, "NC")
    reviewed = review(ana, passed_on, "/pay", invoice, card=card)
    assert "Fee None" in words(reviewed)
    assert "Pay $400.00" in words(reviewed)
    pay(ana, "/pay", sealed(reviewed))
    assert passed_on.charged_cents() == 400_00
    assert booked(passed_on, "convenience_fee_income") == 0


@pytest.mark.parametrize("state", ["MA", "TX"])
def test_a_state_that_does_not_allow_it(ana: Visitor, passed_on: Desk, state: str) -> None:
    invoice = invoice_in(passed_on, state)
    assert "No fee, by card or by bank account." in words(ana.get(f"/pay?invoice={invoice}"))
    assert "Pay $400.00" in words(review(ana, passed_on, "/pay", invoice))


def test_an_agency_that_bears_it_shows_none(app: Flask, ana: Visitor, passed_on: Desk) -> None:
    change(app, passed_on, Fees(False, 250, 0, 0))
    invoice = invoice_in(passed_on, "NC")
    assert "No fee, by card or by bank account." in words(ana.get(f"/pay?invoice={invoice}"))
    assert "Pay $400.00" in words(review(ana, passed_on, "/pay", invoice))


def test_a_fee_that_changes_after_the_review_does_not_change_what_was_agreed(
    app: Flask, ana: Visitor, passed_on: Desk
) -> None:
    invoice = invoice_in(passed_on, "NC")
    agreed = sealed(review(ana, passed_on, "/pay", invoice))
    change(app, passed_on, Fees(True, 300, 0, 0))
    pay(ana, "/pay", agreed)
    assert passed_on.charged_cents() == 410_00
    passed_on.assert_sound()
