"""A payout run as accountants work it: proposed, approved by another, the file for the bank, paid, came back."""

import csv
import io

import pytest
from flask import Flask

from tests.factories.staff import staff_visitor
from tests.statements.shop import Shop, open_shop
from tests.web.visitor import engine_of, services_of, set_clock, words


@pytest.fixture
def shop(app: Flask) -> Shop:
    """Two partners with $100.00 each."""
    shop = open_shop(engine_of(app))
    for name in "Brightwater Retail LLC", "=Cedar Brokers":
        shop.pay(shop.program(shop.partner(name)))
    shop.accrue()
    set_clock(app, shop.now)
    services_of(app).directory.forget()
    return shop


def test_from_the_proposal_to_the_bank_and_back(app: Flask, shop: Shop) -> None:
    admin, accountant = staff_visitor(app, shop.agency, "admin"), staff_visitor(app, shop.agency, "accountant")
    assert admin.post("/admin/partner-payouts/propose").location == "/harbor/admin/partner-payouts/runs/1"
    run = "/admin/partner-payouts/runs/1"
    assert "Approve $200.00" in words(admin.get(run))
    assert "1 run of payouts waits to be approved $200.00" in words(accountant.get("/admin/"))
    assert f'href="/harbor{run}"' in accountant.get("/admin/").text
    assert f'href="/harbor{run}"' not in staff_visitor(app, shop.agency, "support").get("/admin/").text
    assert accountant.get(f"{run}/bank.csv").status_code == 409
    refused = admin.post(f"{run}/approve")
    assert (refused.status_code, "somebody else has to approve" in words(refused)) == (422, True)
    assert accountant.post(f"{run}/approve").location == f"/harbor{run}"
    assert "1 approved run is not marked as paid $200.00" in words(accountant.get("/admin/"))
    rows = list(csv.DictReader(io.StringIO(accountant.get(f"{run}/bank.csv").text)))
    assert [(row["payee"], row["amount"]) for row in rows] == [
        ("'=Cedar Brokers", "100.00"),
        ("Brightwater Retail LLC", "100.00"),
    ]
    wrong = accountant.post(f"{run}/paid", paid_on="2025-12-31", reference="ACH 77")
    assert (wrong.status_code, "ACH 77" in wrong.text) == (422, True)
    assert accountant.post(f"{run}/paid", paid_on="2026-01-01", reference="ACH 77").status_code == 303
    back = accountant.post("/admin/partner-payouts/1/returned", returned_on="2026-01-01", reason="R03 no account")
    assert back.status_code == 303
    page = words(accountant.get("/admin/partner-payouts/1"))
    assert "It came back on Jan 1, 2026 R03 no account" in page
    assert "1 payout came back" in words(accountant.get("/admin/"))
    matter = accountant.get("/admin/attention")
    assert "A payout to a partner came back" in words(matter)
    assert 'href="/harbor/admin/partner-payouts/1"' in matter.text
    assert accountant.post("/admin/partner-payouts/propose").location == "/harbor/admin/partner-payouts/runs/2"
    assert shop.balance("commission_payable") == -100_00
    assert shop.broken_rules() == []


def test_one_is_left_out_and_the_rest_dropped(app: Flask, shop: Shop) -> None:
    accountant = staff_visitor(app, shop.agency, "accountant")
    accountant.post("/admin/partner-payouts/propose")
    accountant.post("/admin/partner-payouts/1/leave-out")
    assert "In all $100.00" in words(accountant.get("/admin/partner-payouts/runs/1"))
    accountant.post("/admin/partner-payouts/runs/1/drop")
    assert "Left out" in words(accountant.get("/admin/partner-payouts/runs/1"))
    assert "0 partners Dropped" in words(accountant.get("/admin/partner-payouts"))


def test_producers_see_none_of_it_and_an_empty_list_says_so(app: Flask, shop: Shop) -> None:
    assert staff_visitor(app, shop.agency, "producer").get("/admin/partner-payouts").status_code == 403
    assert "No payouts yet" in words(staff_visitor(app, shop.agency, "accountant").get("/admin/partner-payouts"))
