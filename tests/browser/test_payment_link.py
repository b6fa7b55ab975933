"""A payment link, as mailed or handed on: pays without signing in, shows little, and dies when it is replaced."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import download, expect_paid, pay_by_link, pdf_text

OFFICE = "juniper-oak"


def test_whoever_holds_the_link_pays(site: Site, visit: Visit) -> None:
    office = site.offices[OFFICE]
    bill = office.bill(418_36, "Premium audit")
    page = visit(OFFICE, phone=True)
    page.goto(bill.link)
    expect(page.get_by_text("R••••• B••••• L•••••")).to_be_visible()
    expect(page.get_by_text("Riverside")).to_have_count(0)
    pay_by_link(page, bill.link, "$418.36", email="nora@neighbour.example").click()
    expect_paid(page, "$418.36")
    receipt = download(page, page.get_by_role("link", name="Receipt (PDF)"))
    for words in ("$418.36", "Premium audit", bill.number, "Cleo Counts", "Visa ••4242"):
        assert words in receipt
    assert "Riverside" not in receipt
    mail = site.inbox.wait_for("nora@neighbour.example", "$418.36")
    [(name, attached)] = mail.files.items()
    assert name.endswith(".pdf")
    assert "$418.36" in pdf_text(attached)
    assert "Cleo Counts" in site.inbox.wait_for(bill.email, "paid").text
    assert office.state(bill.invoice_id) == ("paid", 0)
    assert site.processor.charged(OFFICE, bill.invoice_id) == [418_36]
    assert office.broken_rules() == []


def test_a_replaced_link_says_so_and_the_new_one_pays(site: Site, visit: Visit) -> None:
    office = site.offices[OFFICE]
    bill = office.bill(99_00)
    newer = office.replace_link(bill)
    page = visit(OFFICE)
    page.goto(bill.link)
    expect(page.get_by_text("This payment link is no longer in use.")).to_be_visible()
    pay_by_link(page, newer, "$99.00").click()
    expect_paid(page, "$99.00")
    page.goto(newer)
    expect(page.get_by_text("Nothing to pay right now")).to_be_visible()
