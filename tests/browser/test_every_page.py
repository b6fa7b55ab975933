"""Every page, on a phone and a desk, light and dark, in both demo brands: axe finds nothing, nothing scrolls sideways.

That no browser complains of a script or of the policy is checked after every browser test (`watch`).
"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.running import AGENCIES, Site
from tests.browser.steps import (
    CONFIRMED_BY_BANK,
    DECLINED,
    ask_to_sign_in,
    bank_page,
    card_fields,
    expect_paid,
    pay_by_link,
    review,
    say_who_pays,
    sign_in,
    type_card,
)
from tests.browser.watching import axe_findings, load_axe, scrolls_sideways

BUSY_ACCOUNT = {"harborline": "dev@kessler-holdings.example", "juniper-oak": "maria@riverbend-bakery.example"}
LONG_NAME = "office@hudson-orchardists.example"
CENTS = 205_10
AMOUNT = "$205.10"
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""What the colour scheme decides; all else is the same by day and by night."""

both_brands = pytest.mark.parametrize("slug", AGENCIES)


def assert_fits(page: Page) -> None:
    """The page as it stands is right at both sizes and in both colour schemes."""
    load_axe(page)
    wrong = []
    for size in PHONE, DESK:
        page.set_viewport_size(size)
        if scrolls_sideways(page):
            wrong.append(f"scrolls sideways at {size['width']}")
        wrong += [f"{size['width']} light: {found}" for found in axe_findings(page)]
    page.emulate_media(color_scheme="dark")
    for size in DESK, PHONE:
        page.set_viewport_size(size)
        wrong += [f"{size['width']} dark: {found}" for found in axe_findings(page, OF_COLOURS)]
    page.emulate_media(color_scheme="light")
    assert wrong == [], page.url


@both_brands
def test_before_signing_in(site: Site, visit: Visit, slug: str) -> None:
    bill = site.offices[slug].bill(CENTS)
    page, other = visit(slug), visit(slug)
    for path, heading in ("", "Pay your insurance"), ("sign-in", "Sign in"), ("no/such", "We could not find that page"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert_fits(page)
    page.goto("sign-in")
    page.get_by_role("button", name="E-mail me a sign-in link").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_fits(page)
    mail = ask_to_sign_in(page, site.inbox, bill.email)
    assert_fits(page)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_fits(page)
    other.goto(mail.link)
    expect(other.get_by_role("heading", name="Type this code where you asked for it")).to_be_visible()
    assert_fits(other)
    page.goto(mail.link)
    assert_fits(page)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your payments")).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", name="This link is no longer valid")).to_be_visible()
    assert_fits(other)
    page.get_by_text("Account", exact=True).click()
    assert_fits(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert_fits(page)


@both_brands
def test_signed_in(site: Site, visit: Visit, slug: str) -> None:
    page = visit(slug)
    sign_in(page, site.inbox, BUSY_ACCOUNT[slug])
    assert_fits(page)
    page.get_by_role("main").get_by_role("link", name="program").first.click()
    expect(page.locator("#policies")).to_be_visible()
    assert_fits(page)
    program = page.url
    for part in "policies", "payments":
        page.goto(f"{program}/{part}")
        expect(page.get_by_role("heading", level=1)).to_have_text(part.title())
        assert_fits(page)
    page.goto(program)
    page.locator("#invoices").get_by_role("link").first.click()
    expect(page.locator("#lines")).to_be_visible()
    assert_fits(page)
    page.get_by_text("Account", exact=True).click()
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    assert_fits(page)
    for path, title in ("payment-methods", "Payment methods"), ("payment-methods/new", "Add a payment method"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        assert_fits(page)


def test_a_very_long_name(site: Site, visit: Visit) -> None:
    page = visit("harborline")
    sign_in(page, site.inbox, LONG_NAME)
    assert_fits(page)
    page.get_by_role("main").get_by_role("link", name="program").first.click()
    expect(page.get_by_text("The Greater Hudson Valley Cooperative Association")).to_be_visible()
    assert_fits(page)


@both_brands
def test_looking_a_policy_up(site: Site, visit: Visit, slug: str) -> None:
    insured = {"harborline": "H-009", "juniper-oak": "J-005"}[slug]
    program = site.offices[slug].open_program(insured)
    page = visit(slug)
    page.goto("pay-a-policy")
    assert_fits(page)
    page.get_by_role("button", name="Find the policy").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_fits(page)
    page.get_by_label("Policy number").fill(program.policy_number)
    page.get_by_label("ZIP code").fill(program.postal_code)
    page.get_by_role("button", name="Find the policy").click()
    if insured == "H-009":
        expect(page.get_by_role("heading", name="What do you want to pay?")).to_be_visible()
        assert_fits(page)
        page.locator("section", has=page.get_by_role("checkbox")).get_by_role("link", name="Details").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Insurance of")
    assert_fits(page)
    page.get_by_role("button", name="Go on to pay").click()
    expect(card_fields(page).get_by_label("Card number")).to_be_visible()
    assert_fits(page)


def test_a_policy_number_of_two_insureds_asks_for_the_date(site: Site, visit: Visit) -> None:
    program = site.offices["harborline"].open_program("H-005")
    page = visit("harborline")
    page.goto("pay-a-policy")
    page.get_by_label("Policy number").fill(program.policy_number)
    page.get_by_label("ZIP code").fill(program.postal_code)
    page.get_by_role("button", name="Find the policy").click()
    expect(page.get_by_label("Effective date")).to_be_visible()
    assert_fits(page)


@both_brands
def test_paying(site: Site, visit: Visit, slug: str) -> None:
    office = site.offices[slug]
    bill = office.bill(CENTS)
    page = visit(slug)
    page.goto(bill.link)
    page.get_by_role("button", name=f"Review payment of {AMOUNT}").click()
    expect(page.locator("#processor-error")).to_be_visible()
    assert_fits(page)
    type_card(page, DECLINED)
    page.get_by_role("button", name=f"Review payment of {AMOUNT}").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter your name.")
    assert_fits(page)
    say_who_pays(page, "Cleo Counts", "cleo@pages.example")
    button = review(page, AMOUNT)
    assert_fits(page)
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("You have not been charged")
    assert_fits(page)
    type_card(page)
    review(page, AMOUNT).click()
    expect_paid(page, AMOUNT)
    assert_fits(page)
    page.goto(bill.link)
    expect(page.get_by_text("Nothing to pay right now")).to_be_visible()
    assert_fits(page)
    office.replace_link(bill)
    page.reload()
    expect(page.get_by_role("heading", name="This link is no longer in use")).to_be_visible()
    assert_fits(page)


@both_brands
def test_waiting_for_the_bank(site: Site, visit: Visit, slug: str) -> None:
    office = site.offices[slug]
    bill = office.bill(CENTS)
    page = visit(slug)
    pay_by_link(page, bill.link, AMOUNT, card=CONFIRMED_BY_BANK).click()
    expect(bank_page(page).get_by_role("button", name="Complete")).to_be_visible()
    assert_fits(page)
    page.goto(bill.link)
    expect(page.get_by_text("A payment is being processed")).to_be_visible()
    assert_fits(page)
    page.get_by_role("link", name="See the payment that you have begun").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm with your bank")
    assert_fits(page)
    page.get_by_role("button", name="Stop this payment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have not been charged")
    assert_fits(page)


@both_brands
def test_waiting_for_the_processor(site: Site, visit: Visit, slug: str) -> None:
    bill = site.offices[slug].bill(CENTS)
    page = visit(slug)
    button = pay_by_link(page, bill.link, AMOUNT)
    site.processor.fault("payment_intent.succeeded", "webhook_late", seconds=8)
    site.processor.fault("payment_intents.confirm", "error_after")
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your payment is being processed")
    assert_fits(page)
    site.processor.clear_faults()
    expect_paid(page, AMOUNT)
