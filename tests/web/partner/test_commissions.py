"""A partner's page of commissions, a payout with its deductions, its PDF and mail; nobody else's payout."""

import csv
import io

import pytest
from flask import Flask
from pypdf import PdfReader

from portal.core.audit import SYSTEM
from portal.core.tenancy import reading
from portal.jobs.partner_mails import remittance_message
from portal.partners.models import Partner
from portal.statements.partner_payouts import approve, mark_paid, propose_now
from tests.factories.partners import make_partner_user, partner_visitor
from tests.statements.shop import BEA, Shop, open_shop
from tests.web.visitor import engine_of, services_of, set_clock, words


@pytest.fixture
def shop(app: Flask) -> Shop:
    """Rita's partner was paid $150.00 less $80.00 taken back, and has earned $20.00 since; another was paid too."""
    shop = open_shop(engine_of(app))
    rita, other = shop.partner(), shop.partner("Other LLC", contact_email="otto@other.example")
    with shop.writing() as session:
        for id_, email in (rita, "rita@brightwater.example"), (other, "otto@other.example"):
            make_partner_user(session, session.get_one(Partner, id_), email)
    canceled = shop.program(rita)
    shop.pay(canceled)
    shop.pay(shop.program(other))
    pay_out(shop)
    shop.wait(days=73)
    shop.cancel(canceled)
    shop.pay(shop.program(rita, premium_cents=1_500_00))
    pay_out(shop)
    shop.pay(shop.program(rita, premium_cents=200_00))
    shop.accrue()
    set_clock(app, shop.now)
    services_of(app).directory.forget()
    return shop


def pay_out(shop: Shop) -> None:
    shop.accrue()
    with shop.writing() as session:
        run = propose_now(session, shop.today, BEA, shop.now)
        assert run is not None
        approve(session, run.id, SYSTEM, shop.now)
        mark_paid(session, run.id, shop.today, "ACH 77", shop.today, BEA, shop.now)


def test_what_comes_next_what_was_paid_and_all_of_it_as_a_file(app: Flask, shop: Shop) -> None:
    rita = partner_visitor(app, shop.agency, "rita@brightwater.example")
    page = words(rita.get("/partner/1/commissions"))
    assert "In the next payout $20.00" in page
    assert "PO-00003 · $80.00 taken back Paid $70.00" in page
    assert "Commission in the next payout $20.00" in words(rita.get("/partner/1/"))
    rows = list(csv.DictReader(io.StringIO(rita.get("/partner/1/commissions.csv").text)))
    assert [(row["what"], row["commission"], row["payout"]) for row in rows] == [
        ("earned", "20.00", ""),
        ("earned", "150.00", "PO-00003"),
        ("taken back", "80.00", "PO-00003"),
        ("earned", "100.00", "PO-00001"),
    ]


def test_a_payout_lists_each_policy_on_the_page_on_paper_and_in_the_mail(app: Flask, shop: Shop) -> None:
    rita = partner_visitor(app, shop.agency, "rita@brightwater.example")
    page = words(rita.get("/partner/1/commissions/payouts/3"))
    assert "Bank reference ACH 77" in page
    assert "-$80.00" in page
    pdf = rita.get("/partner/1/commissions/payouts/3.pdf").data
    said = " ".join(part.extract_text() for part in PdfReader(io.BytesIO(pdf)).pages)
    assert "Bakery" in said and "-$80.00" in said and "$70.00" in said
    with reading(engine_of(app), shop.agency.id) as session:
        links = services_of(app).links
        mail = remittance_message(
            session, shop.agency, 3, lambda to, **of: links.url(shop.agency, to, **of), services_of(app).renderer
        )
    assert mail.recipient.address == "rita@brightwater.example"
    assert str(mail.subject) == "Commission of $70.00 paid on 2026-03-15"
    assert mail.attachments[0].data == pdf


def test_another_partners_payout_and_one_that_is_not_made_are_not_there(app: Flask, shop: Shop) -> None:
    rita = partner_visitor(app, shop.agency, "rita@brightwater.example")
    with shop.writing() as session:
        propose_now(session, shop.today, BEA, shop.now)
    for number in 2, 4, 99:
        assert rita.get(f"/partner/1/commissions/payouts/{number}").status_code == 404
        assert rita.get(f"/partner/1/commissions/payouts/{number}.pdf").status_code == 404
    assert rita.get("/partner/2/commissions").status_code == 404
