"""What a payer reads is true: "not charged" is said only when it is known, whatever was pressed twice or too late."""

import re

from flask import Flask

from portal.agencies.keys import pause_account
from portal.invoices.models import Invoice
from portal.invoices.settle import settle_opening
from portal.payments.inbox import handle
from portal.payments.models import Payment
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.payments.interruptions import Points, interrupted
from tests.web.paying.test_flow import pay, review, sealed
from tests.web.visitor import Visitor, wait, words

BANK_ASKS = "pm_card_threeDSecure2Required"


def pause(desk: Desk) -> None:
    with desk.till.writing() as session:
        pause_account(session, desk.clock())


def page_of(visitor: Visitor, payment: Payment) -> str:
    return words(visitor.get(f"/payments/{payment.token}"))


def test_the_button_pressed_again_much_later_finds_the_payment(app: Flask, ana: Visitor, desk: Desk) -> None:
    agreed = sealed(review(ana, desk, "/pay", desk.invoice()))
    first = pay(ana, "/pay", agreed)
    wait(app, hours=3)
    ana.sign_in("ana@bakery.example")
    assert pay(ana, "/pay", agreed).location == first.location
    assert desk.charged_cents() == 41_250


def test_a_review_of_yesterday_charges_nothing_and_leads_to_a_new_one(app: Flask, ana: Visitor, desk: Desk) -> None:
    agreed = sealed(review(ana, desk, "/pay", desk.invoice()))
    wait(app, hours=2)
    ana.sign_in("ana@bakery.example")
    answer = pay(ana, "/pay", agreed)
    assert answer.status_code == 422
    assert "no longer valid. You have not been charged" in words(answer)
    assert desk.charged_cents() == 0


def test_who_has_paid_is_not_told_otherwise_because_payments_are_paused_since(ana: Visitor, desk: Desk) -> None:
    agreed = sealed(review(ana, desk, "/pay", desk.invoice()))
    first = pay(ana, "/pay", agreed)
    token = first.location.rpartition("/")[2]
    desk.invoice(50_000)  # so that the page still has a form
    page = ana.get("/pay")
    pause(desk)
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert csrf is not None
    for answer in (
        ana.send("/pay/submit", csrf_token=csrf.group(1), agreed=agreed),
        ana.get(f"/payments/{token}/back"),
        ana.send(f"/payments/{token}/refresh", csrf_token=csrf.group(1)),
    ):
        assert answer.location == first.location
    assert "Thank you. You paid $412.50" in words(ana.get(f"/payments/{token}"))


def test_two_tabs_pay_once(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice()
    one, other = (sealed(review(ana, desk, "/pay", invoice)) for _ in range(2))
    assert pay(ana, "/pay", one).status_code == 303
    desk.invoice(50_000)  # so that the page still has a form
    answer = pay(ana, "/pay", other)
    assert answer.status_code == 422
    assert "The amount has changed since you looked" in words(answer)
    assert desk.charged_cents() == 41_250
    desk.assert_sound()


def test_an_amount_that_changed_between_review_and_button_is_reviewed_again(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice()
    agreed = sealed(review(ana, desk, "/pay", invoice))
    with desk.till.writing() as session:
        row = session.get_one(Invoice, invoice)
        settle_opening(session, [(row, 10_000)], desk.till.today(), desk.clock())
    answer = pay(ana, "/pay", agreed)
    assert answer.status_code == 422
    assert "The amount has changed since you looked. You have not been charged." in words(answer)
    assert "Pay $312.50" in words(review(ana, desk, "/pay", invoice))
    assert desk.charged_cents() == 0
    desk.assert_sound()


def test_a_payment_that_could_not_begin_says_so_and_blames_nobody(ana: Visitor, desk: Desk) -> None:
    agreed = sealed(review(ana, desk, "/pay", desk.invoice()))
    desk.fault("payment_intents.create", "error_before")
    answer = pay(ana, "/pay", agreed)
    assert answer.status_code == 422
    assert "You have not been charged This payment was stopped before anything was charged." in words(answer)


def test_an_unknown_outcome_is_neither_success_nor_failure(ana: Visitor, desk: Desk) -> None:
    agreed = sealed(review(ana, desk, "/pay", desk.invoice()))
    desk.fault("payment_intents.confirm", "error_after")
    answer = pay(ana, "/pay", agreed)
    page = words(ana.get(answer.location.removeprefix(f"/{desk.agency.slug}")))
    assert "Your payment is being processed" in page
    assert "Please do not pay again." in page
    assert "not been charged" not in page
    assert "You paid" not in page


def test_money_that_no_invoice_takes_is_said_to_be_a_credit(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice()
    order = desk.order(invoice)
    with interrupted(desk.till, Points(loses={2: "answer lost"})) as till:
        payment = submit(till, order)
    desk.close_by_mistake(payment)
    assert payment.intent_id is not None
    handle(desk.till, "payment_intent.succeeded", payment.intent_id)
    page = page_of(ana, payment)
    assert "A credit on your account: $412.50" in page
    assert "What it is for" not in page
    assert "Still open: $412.50" in page


def test_more_invoices_than_one_payment_takes_are_refused_on_the_form(ana: Visitor, desk: Desk) -> None:
    """The processor keeps 500 characters about a payment's invoices: fifty of them."""
    ids = [str(desk.invoice(10_000 + number)) for number in range(51)]
    page = ana.get("/pay")
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert csrf is not None
    answer = ana._client.post(
        f"/{desk.agency.slug}/pay/review",
        data={"csrf_token": csrf.group(1), "invoice": ids, "confirmation_token": "ctoken_1"},
    )
    assert answer.status_code == 422
    assert "Choose at most 50 invoices for one payment." in words(answer)
