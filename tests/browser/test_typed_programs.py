"""Staff type a program with its total in sight; of two editors the second loses nothing; it is paid by card only."""

import re

from playwright.sync_api import Page, expect

from portal.agencies.found import Role
from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import card_fields, expect_paid, pay_by_link
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import come_by_mail, heading, hire, plug_in

SLUG = "harborline"
CUSTOMER = {
    "Name": "Harbor Street Books LLC",
    "E-mail addresses": "maria@harbor-books.example",
    "Mailing address": "12 Main St",
    "City": "Austin",
    "State": "TX",
    "ZIP": "78701",
    "Due date": "2027-03-01",
}
POLICY = {
    "Policy number": "CPS-0071234",
    "Coverage": "General Liability",
    "Carrier": "Hanover Ins. Co.",
    "Effective date": "2027-03-01",
    "Expiration date": "2028-03-01",
    "Premium": "1,200",
}


def enter(page: Page, site: Site, name: str, role: Role) -> None:
    """Somebody new on the staff comes in for the first time."""
    plug_in(page)
    come_by_mail(page, site, hire(site, name, role, SLUG))
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("button", name="Show my recovery codes").click()
    page.get_by_role("link", name="I have saved them").click()
    heading(page, f"Hello, {name} Newman")


def fill(page: Page, values: dict[str, str]) -> None:
    for label, value in values.items():
        page.get_by_label(label, exact=True).fill(value)


def test_staff_type_a_program_and_two_edit_it_at_once(site: Site, visit: Visit) -> None:
    page, other = visit(SLUG), visit(SLUG)
    enter(page, site, "Petra", "producer")
    enter(other, site, "Otis", "producer")
    page.goto("admin/programs/new")
    assert_fits(page)
    fill(page, CUSTOMER | POLICY | {"Premium": "12oo"})
    page.get_by_role("button", name=re.compile("^Bill ")).click()
    expect(page.get_by_role("alert")).to_contain_text("Policy 1, Premium: “12oo” is not an amount.")
    assert_fits(page)
    fill(page, {"Premium": "1,200", "Taxes": "60.50"})
    expect(page.locator("#totals")).to_contain_text("$1,260.50")
    page.get_by_role("button", name="Bill $1,260.50").click()
    expect(page.get_by_text("An invoice of $1,260.50 is issued, due Mar 1, 2027.")).to_be_visible()
    assert_fits(page)
    page.locator("#notes").get_by_role("button", name="Bill $1,260.50").click()
    expect(page.get_by_text("The program is created and billed.")).to_be_visible()
    program = page.url
    link = page.locator("#payment-link").input_value()

    other.goto(f"{program}/edit")
    page.goto(f"{program}/edit")
    assert_fits(page)
    other.get_by_label("Account manager").fill("Ada")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_text("Saved.")).to_be_visible()
    page.get_by_label("Premium", exact=True).fill("1300")
    page.get_by_label("Online it is paid by").select_option("Card only")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else has changed this program")
    expect(page.get_by_label("Account manager")).to_have_value("Ada")
    expect(page.get_by_label("Premium", exact=True)).to_have_value("1300")
    assert_fits(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("becomes void. A new invoice of $1,360.50 is issued")).to_be_visible()
    page.get_by_role("button", name="Save it").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    payer = visit(SLUG)
    payer.goto(link)
    expect(payer.get_by_text("by card only", exact=True)).to_be_visible()
    expect(card_fields(payer).get_by_text("Bank account", exact=True)).to_be_hidden()
    assert_fits(payer)
    pay_by_link(payer, link, "$1,360.50").click()
    expect_paid(payer, "$1,360.50")
    page.goto(f"{program}/edit")
    expect(page.get_by_text("Something was paid on it.")).to_be_visible()
    assert_fits(page)
    assert site.offices[SLUG].broken_rules() == []


def test_lists_are_kept_and_a_draft_is_typed_without_script(site: Site, visit: Visit) -> None:
    page = visit(SLUG)
    enter(page, site, "Lois", "accountant")
    page.goto("admin/kept-lists")
    assert_fits(page)
    page.get_by_label("Name", exact=True).fill("Bay Mutual")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("“Bay Mutual” stands in the list.")).to_be_visible()
    plain = visit(SLUG, script=False)
    plain.context.add_cookies(page.context.cookies())
    plain.goto("admin/programs/new")
    fill(plain, {"Name": "Half a Customer", "Due date": "2027-03-01", "Premium": "10"})
    plain.get_by_role("button", name="Add it up").last.click()
    expect(plain.locator("#totals")).to_contain_text("$10.00")
    plain.get_by_role("button", name="Add a policy").click()
    expect(plain.get_by_role("heading", name="Policy 2")).to_be_visible()
    plain.get_by_role("button", name="Remove policy 2").click()
    fill(plain, {"Effective date": "2027-03-01", "Expiration date": "2028-03-01"})
    plain.get_by_role("button", name="Save as a draft").click()
    expect(plain.get_by_text("The draft is kept. Nothing is billed yet.")).to_be_visible()
