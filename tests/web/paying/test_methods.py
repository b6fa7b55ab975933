"""An insured's payment methods over HTTP: the list, adding, verifying, removing, and whose they are."""

import re
from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.agencies.models import Agency
from portal.core.tenancy import writing_global
from portal.payments.methods.models import PaymentMethod
from portal.programs.links import issue_link
from tests.factories.desk import Desk
from tests.factories.people import make_insured
from tests.payments.methods.keeping import ANA, BOB, at_processor, keep, news, shown, work_outbox
from tests.sandbox.stripe.paying import token
from tests.web.paying.test_flow import pay, sealed
from tests.web.visitor import Visitor, services_of, set_clock, words

BANK = "pm_usBankAccount_success"
HTMX = {"HX-Request": "true"}


def signed_in(app: Flask, desk: Desk, email: str) -> Visitor:
    with desk.till.writing() as session:
        make_insured(session, email)
    visitor = Visitor(app, desk.agency)
    visitor.sign_in(email)
    return visitor


def add(visitor: Visitor, desk: Desk, card: str = "pm_card_visa") -> TestResponse:
    return visitor.post(
        "/payment-methods/new",
        confirmation_token=token(desk.processor, card),
        request_key=re.findall(r'name="request_key" value="([^"]+)"', visitor.get("/payment-methods/new").text)[0],
    )


def test_at_first_there_is_none(ana: Visitor) -> None:
    page = ana.get("/payment-methods")
    assert "No payment method saved yet" in words(page)
    assert "Payment methods" in words(ana.get("/account/"))


def test_a_card_is_added_and_shown_by_its_last_four(ana: Visitor, desk: Desk) -> None:
    answer = add(ana, desk)
    assert answer.status_code == 303
    page = ana.get("/payment-methods")
    assert "The payment method is added." in words(page)
    assert "Visa ••4242 Used first Expires 12/2034" in words(page)
    assert news(desk) == ["added"]


def test_a_refused_card_is_said_and_nothing_is_added(ana: Visitor, desk: Desk) -> None:
    answer = add(ana, desk, "pm_card_visa_chargeDeclinedInsufficientFunds")
    assert answer.status_code == 422
    assert "Nothing was added" in words(answer)
    assert "<title>Error:" in answer.text
    assert shown(desk) == []


def test_an_agency_that_refuses_bank_debits_keeps_no_bank_account(app: Flask, ana: Visitor, desk: Desk) -> None:
    with writing_global(desk.till.engine) as session:
        session.get_one(Agency, desk.agency.id).takes_bank_debits = False
    services_of(app).directory.forget()
    page = ana.get("/payment-methods/new")
    assert 'data-kinds="card"' in page.text and "We take cards only." in words(page)
    assert "bank account" not in words(ana.get("/payment-methods"))
    answer = add(ana, desk, BANK)
    assert (answer.status_code, "We take cards only. Nothing was added." in words(answer)) == (422, True)
    assert shown(desk) == []
    assert add(ana, desk).status_code == 303
    assert shown(desk) == [("4242", "active", True)]


def test_without_script_it_says_what_is_missing(ana: Visitor) -> None:
    answer = ana.post("/payment-methods/new", confirmation_token="", request_key="x")
    assert (answer.status_code, "needs JavaScript" in words(answer)) == (422, True)


def test_the_processor_does_not_answer(ana: Visitor, desk: Desk) -> None:
    desk.fault("customers.create", "error_before")
    answer = add(ana, desk)
    assert (answer.status_code, "Please try again in a minute" in words(answer)) == (422, True)
    desk.fault("setup_intents.confirm", "error_after")
    answer = add(ana, desk)
    waiting = ana.get(answer.location.removeprefix(f"/{desk.agency.slug}"))
    assert waiting.status_code == 303 or "The payment method is added." in words(ana.get("/payment-methods"))
    assert shown(desk) == [("4242", "active", True)]


def test_the_banks_question_is_asked_in_the_page(ana: Visitor, desk: Desk) -> None:
    page = ana.get("/payment-methods/new").text
    fields = {name: re.findall(f'name="{name}" value="([^"]+)"', page)[0] for name in ("csrf_token", "request_key")}
    secret = token(desk.processor, "pm_card_threeDSecure2Required")
    asked = ana.send("/payment-methods/new", HTMX, confirmation_token=secret, **fields)
    assert 'data-action="seti_' in asked.text
    link = re.findall(r'hx-post="/[\w-]+(/payment-methods/added/[^"]+)/refresh"', asked.text)[0]
    assert "Do not add it" in words(ana.get(link))
    assert ana.post(f"{link}/stop", link).status_code == 303
    assert shown(desk) == []


def test_a_bank_account_is_verified_by_its_deposits(app: Flask, ana: Visitor, desk: Desk) -> None:
    answer = add(ana, desk, BANK)
    path = answer.location.removeprefix(f"/{desk.agency.slug}")
    assert "Two small deposits are on their way" in words(ana.get(path))
    assert "Waiting for two small deposits" in words(ana.get("/payment-methods"))
    set_clock(app, desk.clock() + timedelta(days=3))
    page = ana.get(path)
    if page.status_code != 200:  # the session has timed out meanwhile
        ana.sign_in(ANA)
        page = ana.get(path)
    assert "on their way" not in words(page)
    wrong = ana.post(path, first="1", second="2")
    assert (wrong.status_code, "Tries left: 9" in words(wrong)) == (422, True)
    assert 'value="1"' in wrong.text
    assert "Enter both amounts in cents" in words(ana.post(path, first="", second="45"))
    assert ana.post(path, first="0.32", second="0.45").status_code == 303
    page = ana.get("/payment-methods")
    assert "••6789 Used first Bank account" in words(page)


def test_the_default_is_changed_and_one_is_removed(ana: Visitor, desk: Desk) -> None:
    add(ana, desk)
    add(ana, desk, "pm_card_mastercard")
    found = re.findall(r"payment-methods/(\d+)/default", ana.get("/payment-methods").text)
    ana.post(f"/payment-methods/{found[0]}/default", "/payment-methods")
    assert [row[0] for row in shown(desk)] == ["4444", "4242"]
    asked = ana.get(f"/payment-methods/{found[0]}/remove")
    assert "Remove Mastercard ••4444?" in words(asked)
    assert "The newest of your others takes its place" in words(asked)
    ana.post(f"/payment-methods/{found[0]}/remove")
    assert shown(desk) == [("4242", "active", True)]
    work_outbox(desk)
    assert at_processor(desk) == ["4242"]
    assert ana.post(f"/payment-methods/{found[0]}/remove", "/payment-methods").status_code == 303


def test_somebody_elses_method_and_attempt_are_not_there(app: Flask, ana: Visitor, desk: Desk) -> None:
    theirs = keep(desk, owner=BOB)
    waiting = keep(desk, BANK, BOB)
    for path in (f"/{theirs.id}/remove", f"/{waiting.id}/verify", f"/{theirs.id}/default"):
        assert ana.post(f"/payment-methods{path}", "/payment-methods").status_code == 404
    bob = signed_in(app, desk, BOB)
    answer = add(bob, desk, "pm_card_threeDSecure2Required")
    path = answer.location.removeprefix(f"/{desk.agency.slug}")
    assert bob.get(path).status_code == 200
    assert ana.get(path).status_code == 404
    assert [state for _, state, _ in shown(desk, BOB)] == ["active", "pending_verification"]


def test_only_brand_and_last_four_are_kept(ana: Visitor, desk: Desk) -> None:
    add(ana, desk)
    columns = set(PaymentMethod.__table__.columns.keys())
    assert not columns & {"number", "cvc", "account_number", "routing_number"}
    assert "4242424242424242" not in ana.get("/payment-methods").text


def test_a_saved_method_is_offered_first_and_pays_without_the_fields(ana: Visitor, desk: Desk) -> None:
    add(ana, desk)
    invoice = desk.invoice(41_250)
    page = ana.get("/pay")
    assert "Visa ••4242 Expires 12/2034" in words(page)
    saved_id = re.findall(r'name="saved_method" value="(\d+)" checked', page.text)[0]
    reviewed = ana.post("/pay/review", "/pay", invoice=str(invoice), saved_method=saved_id, confirmation_token="")
    assert "Visa ••4242" in words(reviewed)
    answer = pay(ana, "/pay", sealed(reviewed))
    assert "Thank you. You paid $412.50" in words(ana.get(answer.location.removeprefix(f"/{desk.agency.slug}")))
    desk.assert_sound()


def test_what_is_ticked_is_saved_while_paying(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice()
    assert "Save it for next time" in words(ana.get("/pay"))
    kept = token(desk.processor, "pm_card_mastercard", setup_future_usage="off_session")
    reviewed = ana.post("/pay/review", "/pay", invoice=str(invoice), confirmation_token=kept)
    assert pay(ana, "/pay", sealed(reviewed)).status_code == 303
    assert shown(desk) == [("4444", "active", True)]
    assert at_processor(desk) == ["4444"]


def test_guests_are_neither_offered_anything_nor_saved(stranger: Visitor, ana: Visitor, desk: Desk) -> None:
    add(ana, desk)
    invoice = desk.invoice()
    with desk.till.writing() as session:
        link = issue_link(session, desk.clock(), invoice_id=invoice).token
    page = stranger.get(f"/pay/{link}")
    assert "4242" not in words(page)
    assert "Save it for next time" not in words(page)
    saved_id = str(mine(desk))
    payer = {"payer_name": "Cleo", "payer_email": ANA}
    tried = stranger.post(
        f"/pay/{link}/review",
        f"/pay/{link}",
        invoice=str(invoice),
        saved_method=saved_id,
        confirmation_token="",
        **payer,
    )
    assert tried.status_code == 422
    kept = token(desk.processor, "pm_card_mastercard", setup_future_usage="off_session")
    reviewed = stranger.post(
        f"/pay/{link}/review", f"/pay/{link}", invoice=str(invoice), confirmation_token=kept, **payer
    )
    pay(stranger, f"/pay/{link}", sealed(reviewed))
    assert [row[0] for row in shown(desk)] == ["4242"]


def test_somebody_elses_saved_method_is_not_taken(ana: Visitor, desk: Desk) -> None:
    theirs = keep(desk, owner=BOB)
    invoice = desk.invoice()
    tried = ana.post("/pay/review", "/pay", invoice=str(invoice), saved_method=str(theirs.id), confirmation_token="")
    assert tried.status_code == 422
    assert "cannot be used any more" in words(tried)
    assert desk.charged_cents() == 0


def mine(desk: Desk) -> int:
    with desk.till.reading() as session:
        return session.scalars(select(PaymentMethod.id).where(PaymentMethod.owner_email == ANA)).one()
