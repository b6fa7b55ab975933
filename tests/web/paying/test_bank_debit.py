"""Paying by bank account: what is authorized before, what is shown while the bank is asked, and how it ends."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.fee_settings import Fees
from portal.agencies.models import Agency
from portal.core.outbox import OutboxRow
from portal.core.tenancy import writing_global
from portal.payments.apply import apply
from portal.payments.inbox import handle
from portal.payments.mandates import VERSION, mandate_of
from portal.payments.models import Payment
from portal.programs.links import issue_link
from tests.factories.desk import Desk
from tests.sandbox.stripe.paying import control
from tests.web.paying.test_fees import booked, change, invoice_in
from tests.web.paying.test_flow import pay, review, sealed
from tests.web.visitor import Visitor, services_of, words

STAYS = "pm_usBankAccount_processing"
"""A test account whose bank answers when it is told to."""


def authorize(visitor: Visitor, base: str, agreed: str) -> str:
    """Press the button with the box ticked; the path of the payment's page."""
    answer = visitor.post(f"{base}/submit", base, agreed=agreed, agrees="y")
    assert answer.status_code == 303, words(answer)
    return "/payments/" + answer.location.rpartition("/")[2]


def debit(visitor: Visitor, desk: Desk, base: str, invoice: int, **who: str) -> str:
    """Pay an invoice by bank account as far as the page that says so."""
    return authorize(visitor, base, sealed(review(visitor, desk, base, invoice, card=STAYS, **who)))


def the_payment(desk: Desk) -> Payment:
    with desk.till.reading() as session:
        return session.scalars(select(Payment).order_by(Payment.id.desc()).limit(1)).one()


def bank_says(desk: Desk, outcome: str, **more: str) -> None:
    """The bank answers, and the portal hears of it."""
    payment = the_payment(desk)
    assert payment.intent_id
    control(desk.sandbox, f"debits/{payment.intent_id}/{outcome}", dict(more))
    handle(desk.till, "payment_intent.updated", payment.intent_id)


def mails(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        return sorted(session.scalars(select(OutboxRow.kind).where(OutboxRow.kind != "mail.sign_in")))


def test_what_is_agreed_to_is_kept_word_for_word(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice(412_50)
    assert "No fee, by card or by bank account." in words(ana.get("/pay"))
    reviewed = review(ana, desk, "/pay", invoice, card=STAYS)
    said = words(reviewed)
    assert "Bank account Change the bank account STRIPE TEST BANK ••0009" in said
    assert "to debit $412.50 from your bank account STRIPE TEST BANK ••0009. That is one time," in said
    assert "To revoke this authorization, call" in said
    page = words(ana.get(authorize(ana, "/pay", sealed(reviewed))))
    payment = the_payment(desk)
    with desk.till.reading() as session:
        mandate = mandate_of(session, payment.id)
    assert mandate is not None
    for paragraph in mandate.text.splitlines():
        assert paragraph in said
        assert paragraph in page
    assert (mandate.version, mandate.locale, mandate.method_last4) == (VERSION, "en_US", "0009")
    assert mandate.ip_address == "192.0.2.1"
    assert payment.method_fingerprint == mandate.method_fingerprint != ""
    books = control(desk.sandbox, f"books?account={desk.till.account}", method="GET")["accounts"][desk.till.account]
    accepted = books["mandates"][0]["customer_acceptance"]
    assert accepted["online"] == {"ip_address": mandate.ip_address, "user_agent": mandate.browser}
    assert payment.method_ref == books["mandates"][0]["payment_method"]


def test_without_the_tick_nothing_is_charged_and_the_review_stays(ana: Visitor, desk: Desk) -> None:
    agreed = sealed(review(ana, desk, "/pay", desk.invoice(), card=STAYS))
    answer = pay(ana, "/pay", agreed)
    assert answer.status_code == 422
    assert "Tick the box to authorize the bank debit. You have not been charged." in words(answer)
    assert "STRIPE TEST BANK ••0009" in words(answer)
    with desk.till.reading() as session:
        assert session.scalars(select(Payment)).all() == []
    authorize(ana, "/pay", sealed(answer))
    assert the_payment(desk).state == "processing"


def test_while_the_bank_is_asked_it_is_neither_paid_nor_due(ana: Visitor, stranger: Visitor, desk: Desk) -> None:
    invoice = desk.invoice(412_50)
    with desk.till.writing() as session:
        link = f"/pay/{issue_link(session, desk.clock(), invoice_id=invoice).token}"
    who = {"payer_name": "Cleo Counts", "payer_email": "cleo@books.example"}
    reviewed_before = sealed(review(stranger, desk, link, invoice, **who))
    page = ana.get(debit(ana, desk, "/pay", invoice))
    assert "Your bank is being asked" in words(page)
    assert "We expect the answer by" in words(page)
    assert "hx-get" not in page.text.partition('id="payment-status"')[2].partition(">")[0]
    assert "Processing" in words(ana.get("/"))
    assert "A payment is being processed" in words(stranger.get(link))
    second = pay(stranger, link, reviewed_before)
    assert "Another payment for this is already being processed. You have not been charged." in words(second)
    assert mails(desk) == ["mail.bank_debit"]
    assert desk.invoice_state(invoice) == ("open", 412_50)


def test_the_bank_pays(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice(412_50)
    place = debit(ana, desk, "/pay", invoice)
    bank_says(desk, "settle")
    done = words(ana.get(place))
    assert "Thank you. You paid $412.50" in done
    assert "STRIPE TEST BANK ••0009" in done
    assert "What you authorized" in done
    assert desk.invoice_state(invoice) == ("paid", 0)
    assert mails(desk) == ["mail.bank_debit", "mail.paid_by_third_party", "mail.payment_receipt"]
    desk.assert_sound()


@pytest.mark.parametrize(
    ("code", "stored", "said"),
    [("insufficient_funds", "R01", "not enough money in the account"), ("account_closed", "R02", "account is closed")],
)
def test_the_bank_does_not_pay(ana: Visitor, desk: Desk, code: str, stored: str, said: str) -> None:
    invoice = desk.invoice(412_50)
    place = debit(ana, desk, "/pay", invoice)
    bank_says(desk, "fail", code=code)
    page = words(ana.get(place))
    assert "Your bank did not pay" in page
    assert said in page
    assert the_payment(desk).decline_code == stored
    assert desk.claims(invoice) == ["released"]
    assert mails(desk) == ["mail.bank_debit", "mail.payment_failed"]
    assert "Review payment of $412.50" in words(ana.get(f"/pay?invoice={invoice}"))
    pay(ana, "/pay", sealed(review(ana, desk, "/pay", invoice)))
    assert desk.invoice_state(invoice) == ("paid", 0)
    desk.assert_sound()


def test_a_second_press_finds_the_first(ana: Visitor, desk: Desk) -> None:
    agreed = sealed(review(ana, desk, "/pay", desk.invoice(), card=STAYS))
    assert authorize(ana, "/pay", agreed) == authorize(ana, "/pay", agreed)
    with desk.till.reading() as session:
        assert len(session.scalars(select(Payment)).all()) == 1


@pytest.mark.parametrize("fault", ["error_before", "error_after"])
def test_an_answer_that_is_lost_charges_once_or_not_at_all(ana: Visitor, desk: Desk, fault: str) -> None:
    """Never told that it failed before that is known; then the books and the processor's say the same."""
    invoice = desk.invoice()
    agreed = sealed(review(ana, desk, "/pay", invoice, card=STAYS))
    desk.fault("payment_intents.confirm", fault)
    place = authorize(ana, "/pay", agreed)
    assert "Your payment is being processed" in words(ana.get(place))
    payment = apply(desk.till, the_payment(desk).id)
    if fault == "error_before":
        assert payment.state == "submitted"
        assert desk.claims(invoice) == ["live"]
        return
    assert payment.state == "processing"
    bank_says(desk, "settle")
    assert desk.invoice_state(invoice) == ("paid", 0)
    desk.assert_sound()


def test_a_third_party_authorizes_by_link(stranger: Visitor, desk: Desk) -> None:
    invoice = desk.invoice(insured_name="Riverside Bakery LLC")
    with desk.till.writing() as session:
        link = f"/pay/{issue_link(session, desk.clock(), invoice_id=invoice).token}"
    place = debit(stranger, desk, link, invoice, payer_name="Cleo Counts", payer_email="cleo@books.example")
    page = stranger.get(place)
    assert "We send the result to cleo@books.example." in words(page)
    assert "Riverside" not in page.text
    bank_says(desk, "settle")
    assert desk.invoice_state(invoice) == ("paid", 0)


def test_an_agency_that_takes_no_bank_debits(app: Flask, ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice()
    with writing_global(desk.till.engine) as session:
        session.get_one(Agency, desk.agency.id).takes_bank_debits = False
    services_of(app).directory.forget()
    page = ana.get("/pay")
    assert 'data-kinds="card"' in page.text
    assert "By card. No fee." in words(page)
    answer = review(ana, desk, "/pay", invoice, card=STAYS)
    assert answer.status_code == 422
    assert "This method cannot pay here." in words(answer)


def test_a_bank_debit_costs_what_was_shown(app: Flask, ana: Visitor, desk: Desk) -> None:
    change(app, desk, Fees(True, 0, 0, 1_50))
    invoice = invoice_in(desk, "NC")
    page = words(ana.get(f"/pay?invoice={invoice}"))
    assert "Bank account Takes 3 to 5 business days $1.50 fee, $401.50 in all" in page
    reviewed = review(ana, desk, "/pay", invoice, card=STAYS)
    assert "Bank debit fee $1.50" in words(reviewed)
    assert "to debit $401.50 from" in words(reviewed)
    place = authorize(ana, "/pay", sealed(reviewed))
    bank_says(desk, "settle")
    assert "Bank debit fee $1.50" in words(ana.get(place))
    assert booked(desk, "convenience_fee_income") == 1_50
    desk.assert_sound()
