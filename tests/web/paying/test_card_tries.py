"""Trying stolen cards one after the other: refused after ten, whatever the browser; cards that work do not count."""

from datetime import datetime, timedelta

from flask import Flask

from portal.programs.links import issue_link
from tests.factories.desk import Desk
from tests.web.paying.test_flow import pay, review, sealed
from tests.web.visitor import Visitor, services_of, set_clock, words

STOLEN = "pm_card_visa_chargeDeclined"
PAYER = {"payer_name": "Mallory", "payer_email": "mallory@evil.example"}
WAIT = "You have not been charged Please wait a while"


def link_of(desk: Desk, invoice: int) -> str:
    with desk.till.writing() as session:
        return f"/pay/{issue_link(session, desk.clock(), invoice_id=invoice).token}"


def try_card(app: Flask, desk: Desk, invoice: int, base: str, card: str, ip: str = "203.0.113.5") -> str:
    """What somebody with a new browser reads who pays by this card; their address when it worked."""
    browser = Visitor(app, desk.agency, ip)
    answer = pay(browser, base, sealed(review(browser, desk, base, invoice, card=card, **PAYER)))
    return answer.location or words(answer)


def test_after_ten_refused_cards_the_network_has_to_wait(app: Flask, desk: Desk) -> None:
    invoice = desk.invoice()
    base = link_of(desk, invoice)
    now: datetime = services_of(app).now()
    set_clock(app, now - timedelta(minutes=61))  # reviews are signed with the real time
    for _ in range(10):
        assert WAIT not in try_card(app, desk, invoice, base, STOLEN)
    assert WAIT in try_card(app, desk, invoice, base, "pm_card_visa")
    assert desk.charged_cents() == 0
    assert "/payments/" in try_card(app, desk, invoice, base, "pm_card_visa", "203.0.113.6")
    desk.assert_sound()
    other = desk.invoice(emails=("bob@bakery.example",))
    set_clock(app, now)
    assert "/payments/" in try_card(app, desk, other, link_of(desk, other), "pm_card_visa")


def test_cards_that_work_do_not_count(app: Flask, desk: Desk) -> None:
    for number in range(11):
        invoice = desk.invoice(emails=(f"ana{number}@bakery.example",))
        assert "/payments/" in try_card(app, desk, invoice, link_of(desk, invoice), "pm_card_visa"), number
