"""Without JavaScript everything works up to the card fields, and there the page says what to do."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import ask_to_sign_in, say_who_pays, sign_in

OFFICE = "juniper-oak"
PHONE_NUMBER = "(828) 555-0117"


def expect_help_with_the_card(page: Page) -> None:
    """The page says why there are no card fields, and how to pay all the same."""
    notice = page.locator("#how .alert")
    expect(notice).to_contain_text("Paying here needs JavaScript")
    expect(notice.get_by_role("link", name=PHONE_NUMBER)).to_be_visible()


def test_an_insured_gets_as_far_as_the_card(site: Site, visit: Visit) -> None:
    bill = site.offices[OFFICE].bill(120_00, "Notary bond")
    page = visit(OFFICE, phone=True, script=False)
    sign_in(page, site.inbox, bill.email)
    page.get_by_role("link", name="Notary bond").click()
    page.get_by_role("link", name="Pay $120.00").click()
    expect_help_with_the_card(page)
    page.get_by_role("button", name="Review payment of $120.00").click()
    expect(page.get_by_role("alert")).to_contain_text("Paying here needs JavaScript in your browser.")
    expect(page).to_have_title("Error: Pay – Juniper & Oak Insurance")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("button", name="English")).to_be_visible()
    page.get_by_role("button", name="English").click()
    page.get_by_text("Account", exact=True).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()


def test_mistakes_at_the_sign_in_are_said(site: Site, visit: Visit) -> None:
    bill = site.offices[OFFICE].bill(120_00)
    page = visit(OFFICE, script=False)
    page.goto("sign-in")
    page.get_by_label("E-mail address").fill("not an address")
    page.get_by_role("button", name="E-mail me a sign-in link").click()
    expect(page.get_by_role("alert")).to_contain_text("is not an e-mail address")
    expect(page.get_by_label("E-mail address")).to_have_value("not an address")
    ask_to_sign_in(page, site.inbox, bill.email)
    page.get_by_label("6-digit code").fill("12")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("That code is not right")


def test_a_third_party_gets_as_far_as_the_card(site: Site, visit: Visit) -> None:
    office = site.offices[OFFICE]
    program = office.open_program("J-006")
    office.endorse(program, 40_00)
    page = visit(OFFICE, script=False)
    page.goto("pay-a-policy")
    page.get_by_role("button", name="Find the policy").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(2)
    page.get_by_label("Policy number").fill(program.policy_number)
    page.get_by_label("ZIP code").fill(program.postal_code)
    page.get_by_role("button", name="Find the policy").click()
    page.get_by_role("button", name="Go on to pay").click()
    page.get_by_label("Added driver").uncheck()
    page.get_by_role("button", name="Update the total").click()
    amount = f"${program.open_cents / 100:,.2f}"
    expect(page.locator("#pay-total")).to_contain_text(amount)
    expect_help_with_the_card(page)
    say_who_pays(page, "Cleo Counts", "not an address")
    page.get_by_role("button", name=f"Review payment of {amount}").click()
    expect(page.get_by_role("alert")).to_contain_text("is not an e-mail address")
    expect(page.get_by_label("Your name")).to_have_value("Cleo Counts")
    expect(page.get_by_label("Your e-mail")).to_have_value("not an address")
    expect(page.get_by_label("Added driver")).not_to_be_checked()


def test_home_unfolds(site: Site, visit: Visit) -> None:
    page = visit("harborline", script=False)
    sign_in(page, site.inbox, "captain@saltmarsh-charters.example")
    page.locator("#paid summary").click()
    expect(page.locator("#paid").get_by_role("listitem").first).to_be_visible()
