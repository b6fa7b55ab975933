"""An insured saves a card while paying, pays with it, adds a bank account by small deposits, removes a method."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import (
    CONFIRMED_BY_BANK,
    DEBIT,
    bank_page,
    card_fields,
    expect_paid,
    review,
    sign_in,
    type_card,
)

OFFICE = "juniper-oak"
MECHANIC = "dale@honest-mechanic.example"
SHOP = "fiona@appalachian-strings.example"


def add_bank_account(page: Page) -> None:
    """Fill in the processor's fields and wait for the deposits."""
    page.get_by_role("link", name="Add another").click()
    fields = card_fields(page)
    fields.get_by_text("Bank account", exact=True).click()
    fields.get_by_label("Name on the account").fill("Dale Honest")
    fields.get_by_label("Routing number").fill("110000000")
    fields.get_by_label("Account number").fill("000123456789")
    fields.get_by_text("Two small deposits").click()
    page.get_by_role("button", name="Save this payment method").click()
    expect(page.get_by_role("heading", name="Finish adding the account")).to_be_visible()


def test_a_card_saved_while_paying_pays_the_next_and_a_bank_account_joins_it(site: Site, visit: Visit) -> None:
    page = visit(OFFICE)
    sign_in(page, site.inbox, MECHANIC)
    page.goto("pay")
    page.get_by_text("$2,242.00").click()
    type_card(page, DEBIT)
    page.get_by_label("Save it for next time").check()
    review(page, "$1,359.50").click()
    expect_paid(page, "$1,359.50")
    assert "Visa ••5556" in site.inbox.wait_for(MECHANIC, "A payment method was added").text

    page.goto("pay")
    saved = page.get_by_role("radio", name="Visa ••5556")
    expect(saved).to_be_checked()
    expect(page.locator("#processor-fields")).to_be_hidden()
    review(page, "$2,242.00").click()
    expect_paid(page, "$2,242.00")

    page.goto("payment-methods")
    row = page.get_by_role("listitem").filter(has_text="Visa ••5556")
    expect(row).to_contain_text("Used first")
    add_bank_account(page)
    page.get_by_label("First amount").fill("1")
    page.get_by_label("Second amount").fill("2")
    page.get_by_role("button", name="Verify the account").click()
    expect(page.get_by_role("alert")).to_contain_text("Tries left: 9")
    page.goto(site.inbox.wait_for(MECHANIC, "One more step for your bank account").link)
    page.get_by_label("First amount").fill("0.32")
    page.get_by_label("Second amount").fill("0.45")
    page.get_by_role("button", name="Verify the account").click()
    expect(page.get_by_text("The account is yours: you can pay with it now.")).to_be_visible()

    row.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Yes, remove it").click()
    expect(page.get_by_text("The payment method is removed.")).to_be_visible()
    expect(row).to_have_count(0)
    expect(page.get_by_role("listitem").filter(has_text="••6789")).to_contain_text("Used first")
    assert "Visa ••5556" in site.inbox.wait_for(MECHANIC, "A payment method was removed").text


def test_the_bank_asks_before_a_card_is_added_on_a_phone(site: Site, visit: Visit) -> None:
    page = visit(OFFICE, phone=True, dark=True)
    sign_in(page, site.inbox, SHOP)
    page.goto("payment-methods")
    expect(page.get_by_role("heading", name="No payment method saved yet")).to_be_visible()
    page.get_by_role("link", name="Add a payment method").click()
    type_card(page, CONFIRMED_BY_BANK)
    page.get_by_role("button", name="Save this payment method").click()
    bank_page(page).get_by_role("button", name="Complete").click()
    expect(page.get_by_text("The payment method is added.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Visa ••3220")).to_be_visible()
