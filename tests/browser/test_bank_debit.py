"""Paying by bank account: authorized on the review, processing for days, then settled or sent back by the bank."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.office import Bill
from tests.browser.running import Site
from tests.browser.steps import DEBIT, card_fields, expect_paid, pdf_text, review, say_who_pays, type_card
from tests.browser.test_every_page import assert_fits

OFFICE = "juniper-oak"
CENTS = 318_75
AMOUNT = "$318.75"
STAYS = "000000000009"
"""The sandbox's account whose bank answers when somebody presses a button."""


@pytest.fixture
def bill(site: Site) -> Bill:
    """An invoice nobody has tried to pay."""
    return site.offices[OFFICE].bill(CENTS)


@pytest.fixture
def payer(bill: Bill) -> str:
    """A third party's address that no other test writes to."""
    return bill.email.replace("owner", "debtor")


def type_account(page: Page) -> None:
    """Choose the bank account in the processor's fields, and fill it in."""
    fields = card_fields(page)
    fields.get_by_role("radio", name="Bank account").check()
    fields.get_by_label("Name on the account").fill("Cleo Counts")
    fields.get_by_label("Routing number").fill("110000000")
    fields.get_by_label("Account number").fill(STAYS)


def authorize(page: Page, bill: Bill, payer: str) -> None:
    """Pay a bill by bank account as far as the page that says that the bank is asked."""
    page.goto(bill.link)
    expect(page.locator("#how")).to_contain_text("3 to 5 business days")
    say_who_pays(page, "Cleo Counts", payer)
    type_account(page)
    assert_fits(page)
    button = review(page, AMOUNT)
    expect(page.locator("#authorization")).to_contain_text(f"to debit {AMOUNT} from your bank account STRIPE TEST BANK")
    assert_fits(page)
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("Tick the box to authorize the bank debit.")
    expect(page.get_by_role("alert")).to_be_focused()
    assert_fits(page)
    page.get_by_label("I authorize this bank debit").check()
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your bank is being asked")


def press(site: Site, visit: Visit, invoice_id: int, name: str) -> None:
    """Press a button of the sandbox's own page, beside the payment that an invoice is the first of."""
    page = visit(OFFICE)
    page.goto(site.settings.stripe_sandbox_url)
    row: Locator = page.get_by_role("row").filter(has_text=f"invoice_ids = {invoice_id},")
    row.get_by_role("button", name=name).click()
    expect(row.get_by_role("button", name=name)).to_have_count(0)


def test_the_bank_pays(site: Site, visit: Visit, bill: Bill, payer: str) -> None:
    office = site.offices[OFFICE]
    page = visit(OFFICE, phone=True)
    authorize(page, bill, payer)
    assert_fits(page)
    mail = site.inbox.wait_for(payer, f"We are asking your bank for {AMOUNT}")
    assert f"to debit {AMOUNT} from your bank account" in mail.text
    other = visit(OFFICE, dark=True)
    other.goto(bill.link)
    expect(other.get_by_text("it cannot be paid a second time meanwhile")).to_be_visible()
    expect(other.get_by_role("button", name="Review payment")).to_have_count(0)
    press(site, visit, bill.invoice_id, "Settle")
    receipt = site.inbox.wait_for(payer, f"Receipt: {AMOUNT}")
    assert "STRIPE TEST BANK" in pdf_text(next(iter(receipt.files.values())))
    page.reload()
    expect_paid(page, AMOUNT)
    page.get_by_text("What you authorized").click()
    expect(page.get_by_text("To revoke this authorization")).to_be_visible()
    assert_fits(page)
    assert site.processor.charged(OFFICE, bill.invoice_id) == [CENTS]
    assert office.state(bill.invoice_id) == ("paid", 0)
    assert office.broken_rules() == []


def test_the_bank_does_not_pay_and_a_card_does(site: Site, visit: Visit, bill: Bill, payer: str) -> None:
    office = site.offices[OFFICE]
    page = visit(OFFICE)
    authorize(page, bill, payer)
    press(site, visit, bill.invoice_id, "Fail: no funds")
    mail = site.inbox.wait_for(payer, "did not go through", within=60)  # a decline is worked at the second time
    assert "not enough money in the account" in mail.text
    page.goto(mail.link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your bank did not pay")
    assert_fits(page)
    assert office.state(bill.invoice_id) == ("open", CENTS)
    page.goto(bill.link)
    say_who_pays(page, "Cleo Counts", payer)
    type_card(page, DEBIT)
    review(page, AMOUNT).click()
    expect_paid(page, AMOUNT)
    assert site.processor.charged(OFFICE, bill.invoice_id) == [CENTS]
    assert office.broken_rules() == []
