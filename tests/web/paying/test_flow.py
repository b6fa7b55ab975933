"""Paying over HTTP, without a browser: choose, review, pay, and what is shown and stored at the end."""

import re
from html import unescape

from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.agencies.keys import pause_account
from portal.payments.models import Payment
from portal.programs.links import issue_link, replace_link
from tests.factories.desk import Desk
from tests.sandbox.stripe.paying import token
from tests.web.visitor import Visitor, words

SEALED = re.compile(r'name="agreed" value="([^"]+)"')


def review(
    visitor: Visitor, desk: Desk, base: str, *invoices: int, card: str = "pm_card_visa", **more: str
) -> TestResponse:
    fields = {"confirmation_token": token(desk.processor, card), **more}
    for invoice in invoices:
        fields["invoice"] = str(invoice)
    return visitor.post(f"{base}/review", base, **fields)


def sealed(answer: TestResponse) -> str:
    found = SEALED.search(answer.text)
    assert found, words(answer)
    return unescape(found.group(1))


def pay(visitor: Visitor, base: str, agreed: str) -> TestResponse:
    return visitor.post(f"{base}/submit", base, agreed=agreed)


def test_an_insured_pays_and_lands_on_a_page_that_says_so(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice(41_250)
    page = ana.get(f"/pay?invoice={invoice}")
    assert "Review payment of $412.50" in words(page)
    reviewed = review(ana, desk, "/pay", invoice)
    assert "Pay $412.50" in words(reviewed)
    assert "Visa ••4242" in words(reviewed)
    assert desk.charged_cents() == 0
    answer = pay(ana, "/pay", sealed(reviewed))
    assert answer.status_code == 303
    done = ana.get(answer.location.removeprefix(f"/{desk.agency.slug}"))
    assert "Thank you. You paid $412.50" in words(done)
    assert desk.invoice_state(invoice) == ("paid", 0)
    receipt = ana.get(answer.location.removeprefix(f"/{desk.agency.slug}") + "/receipt.pdf")
    assert receipt.mimetype == "application/pdf"
    assert receipt.data.startswith(b"%PDF-")
    assert "no-store" in receipt.headers["Cache-Control"]
    desk.assert_sound()


def test_a_second_press_of_the_button_lands_on_the_same_page(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice()
    agreed = sealed(review(ana, desk, "/pay", invoice))
    first, second = pay(ana, "/pay", agreed), pay(ana, "/pay", agreed)
    assert first.status_code == 303, words(first)
    assert first.location == second.location
    assert desk.charged_cents() == 41_250
    desk.assert_sound()


def test_a_decline_says_that_nothing_was_charged(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice()
    agreed = sealed(review(ana, desk, "/pay", invoice, card="pm_card_visa_chargeDeclinedInsufficientFunds"))
    answer = pay(ana, "/pay", agreed)
    assert answer.status_code == 422
    assert "You have not been charged" in words(answer)
    assert "does not have enough funds" in words(answer)
    assert desk.invoice_state(invoice) == ("open", 41_250)
    desk.assert_sound()


def test_the_banks_step_gets_the_secret_and_nothing_else_does(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice()
    reviewed = review(ana, desk, "/pay", invoice, card="pm_card_threeDSecure2Required")
    assert "_secret_" not in reviewed.text
    answer = pay(ana, "/pay", sealed(reviewed))
    assert "Confirm with your bank" in words(answer)
    assert 'data-action="pi_' in answer.text
    under_way = ana.get("/pay")
    assert "A payment is being processed" in words(under_way)
    assert "See the payment that you have begun" in words(under_way)


def test_stopping_at_the_banks_step_frees_the_invoice(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice()
    answer = pay(ana, "/pay", sealed(review(ana, desk, "/pay", invoice, card="pm_card_threeDSecure2Required")))
    found = re.search(r"/payments/([\w-]+)/refresh", answer.text)
    assert found
    page = ana.get(f"/payments/{found.group(1)}")
    assert "You have not been charged yet" in words(page)
    ana.post(f"/payments/{found.group(1)}/cancel", f"/payments/{found.group(1)}")
    assert "You have not been charged" in words(ana.get(f"/payments/{found.group(1)}"))
    assert desk.claims(invoice) == ["released"]
    desk.assert_sound()


def test_what_was_reviewed_cannot_be_changed_on_the_way(ana: Visitor, desk: Desk) -> None:
    invoice = desk.invoice()
    agreed = sealed(review(ana, desk, "/pay", invoice))
    answer = pay(ana, "/pay", agreed[:-4] + "AAAA")
    assert answer.status_code == 422
    assert "no longer valid" in words(answer)
    assert desk.charged_cents() == 0


def test_a_review_of_one_door_opens_no_other(ana: Visitor, stranger: Visitor, desk: Desk) -> None:
    """What an insured has reviewed cannot be charged through a payment link that does not show it."""
    mine, other = desk.invoice(), desk.invoice(10_000)
    with desk.till.writing() as session:
        link = issue_link(session, desk.clock(), invoice_id=other).token
    agreed = sealed(review(ana, desk, "/pay", mine))
    answer = pay(stranger, f"/pay/{link}", agreed)
    assert answer.status_code == 422
    assert desk.charged_cents() == 0


def test_an_invoice_of_somebody_else_cannot_be_reviewed(ana: Visitor, desk: Desk) -> None:
    desk.invoice()
    foreign = desk.invoice(77_700, emails=("bo@other.example",))
    assert "$777.00" not in words(ana.get(f"/pay?invoice={foreign}"))
    answer = review(ana, desk, "/pay", foreign)
    assert answer.status_code == 422


def test_nothing_chosen_and_no_name_are_said_at_the_field(stranger: Visitor, desk: Desk) -> None:
    invoice = desk.invoice()
    with desk.till.writing() as session:
        link = issue_link(session, desk.clock(), invoice_id=invoice).token
    answer = review(stranger, desk, f"/pay/{link}", payer_name="", payer_email="not an address")
    assert answer.status_code == 422
    for complaint in ("Choose at least one invoice to pay.", "Enter your name.", "is not an e-mail address"):
        assert complaint in words(answer)
    assert "not an address" in answer.text  # what was typed stays


def test_a_third_party_pays_by_link_and_sees_no_name(stranger: Visitor, desk: Desk) -> None:
    invoice = desk.invoice(insured_name="Riverside Bakery LLC")
    with desk.till.writing() as session:
        link = issue_link(session, desk.clock(), invoice_id=invoice).token
    base = f"/pay/{link}"
    who = {"payer_name": "Cleo Counts", "payer_email": "cleo@books.example"}
    pages = [stranger.get(base), reviewed := review(stranger, desk, base, invoice, **who)]
    answer = pay(stranger, base, sealed(reviewed))
    pages.append(stranger.get(answer.location.removeprefix(f"/{desk.agency.slug}")))
    for page in pages:
        assert "Riverside" not in page.text
        assert "ana@bakery.example" not in page.text
    assert "R••••• B••••• L•••••" in words(pages[0])
    assert desk.invoice_state(invoice) == ("paid", 0)
    assert "Nothing to pay right now" in words(stranger.get(base))
    desk.assert_sound()


def test_a_replaced_link_says_that_it_is_out_of_use(stranger: Visitor, desk: Desk) -> None:
    invoice = desk.invoice()
    with desk.till.writing() as session:
        old = issue_link(session, desk.clock(), invoice_id=invoice).token
        new = replace_link(session, desk.clock(), invoice_id=invoice).token
    assert stranger.get(f"/pay/{old}").status_code == 410
    assert "no longer in use" in words(stranger.get(f"/pay/{old}"))
    assert stranger.get(f"/pay/{new}").status_code == 200
    assert stranger.get("/pay/never-was").status_code == 404


def test_a_payment_made_by_a_replaced_link_does_not_tell_the_new_one(stranger: Visitor, desk: Desk) -> None:
    """A link is replaced because it went to the wrong people: their failed payment is no way to the next one."""
    invoice = desk.invoice()
    with desk.till.writing() as session:
        old = issue_link(session, desk.clock(), invoice_id=invoice).token
    base, who = f"/pay/{old}", {"payer_name": "Cleo Counts", "payer_email": "cleo@books.example"}
    agreed = sealed(review(stranger, desk, base, invoice, card="pm_card_visa_chargeDeclined", **who))
    assert pay(stranger, base, agreed).status_code == 422
    with desk.till.reading() as session:
        page = f"/payments/{session.scalars(select(Payment.token)).one()}"
    assert f"/pay/{old}" in stranger.get(page).text
    desk.clock.pass_(minutes=5)
    with desk.till.writing() as session:
        new = replace_link(session, desk.clock(), invoice_id=invoice).token
    shown = stranger.get(page).text
    assert new not in shown
    assert "/pay-a-policy" in shown


def test_an_agency_without_working_keys_says_how_to_pay_instead(ana: Visitor, desk: Desk) -> None:
    desk.invoice()
    with desk.till.writing() as session:
        pause_account(session, desk.clock())
    page = ana.get("/pay")
    assert page.status_code == 503
    assert "Online payment is not available right now" in words(page)


def test_pay_pages_alone_may_load_the_processors_script(ana: Visitor, desk: Desk) -> None:
    desk.invoice()
    assert desk.sandbox.url in ana.get("/pay").headers["Content-Security-Policy"]
    assert desk.sandbox.url not in ana.get("/").headers["Content-Security-Policy"]


def test_who_pays_for_several_insureds_reads_which_is_whose(ana: Visitor, desk: Desk) -> None:
    desk.invoice(10_000, insured_name="Riverside Bakery LLC")
    assert "Riverside Bakery LLC" not in words(ana.get("/pay"))
    desk.invoice(20_000, insured_name="Riverside Catering LLC")
    page = words(ana.get("/pay"))
    assert "Riverside Bakery LLC" in page
    assert "Riverside Catering LLC" in page


def test_more_than_one_charge_can_carry_is_said_before_anything_is_charged(ana: Visitor, desk: Desk) -> None:
    invoices = [desk.invoice(60_000_000), desk.invoice(60_000_000)]
    fields = {"confirmation_token": token(desk.processor, "pm_card_visa"), "invoice": [str(each) for each in invoices]}
    answer = ana.post("/pay/review", "/pay", **fields)
    assert answer.status_code == 422
    assert "One payment can be at most $999,999.99." in words(answer)
    assert desk.charged_cents() == 0
