"""Every page of a partner: right at both sizes and in both colour schemes, at both agencies; and what a phone shows."""

import re

import pytest
from playwright.sync_api import Page, expect

from portal.cli.demo_data.partners import SHARED_EMAIL
from tests.browser.conftest import PHONE, Visit
from tests.browser.running import AGENCIES, Site
from tests.browser.steps import ask_to_sign_in
from tests.browser.test_customers import go_to_work
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import heading

WIDTHS = (320, 390, 700, 820, 1024, 1280)
LINES_OF_TWO = 2.0
"""So many times its letters' size is a text of two lines high, at the least."""
ROOMS = ("Start", "Balances", "Payments", "Commissions", "Clients", "Statements", "Users", "Help")


def enter(page: Page, site: Site) -> None:
    """Come in as the retailer's admin, at the agency of this browser."""
    page.goto(ask_to_sign_in(page, site.inbox, SHARED_EMAIL).link)
    page.get_by_role("button", name="Sign in").click()
    heading(page, "Your companies")
    assert_fits(page)
    page.locator("#here").get_by_role("link", name="Northgate Risk Advisors").click()
    heading(page, "Northgate Risk Advisors")


@pytest.mark.parametrize("slug", AGENCIES)
def test_every_page_of_a_partner(site: Site, visit: Visit, slug: str) -> None:
    page = visit(slug)
    enter(page, site)
    start = page.url
    rooms = page.get_by_role("navigation", name="Northgate Risk Advisors")
    for room in ROOMS:
        page.set_viewport_size(PHONE)
        rooms.get_by_role("link", name=room, exact=True).click()
        here = rooms.get_by_role("link", name=room, exact=True)
        expect(here).to_have_attribute("aria-current", "page")
        expect(here).to_be_in_viewport(ratio=1)
        assert_fits(page)
    page.goto(f"{start}balances?words=nobody")
    heading(page, "Balances")
    assert_fits(page)
    for path in "credit", "users/invite":
        page.goto(f"{start}{path}")
        assert_fits(page)
    page.goto(f"{start}users")
    page.locator("main li").get_by_role("link").last.click()
    expect(page.get_by_role("main").get_by_text("Role", exact=True)).to_be_visible()
    assert_fits(page)
    page.goto(f"{start}statements")
    page.locator("main li").get_by_role("link").first.click()
    heading(page, re.compile("Statement up to"))
    assert_fits(page)


def test_no_amount_breaks_in_the_middle(site: Site, visit: Visit) -> None:
    staff, partner = visit("harborline"), visit("harborline")
    go_to_work(staff, site, "Nell", "admin")
    enter(partner, site)
    for page in staff, partner:
        page.locator(".figure-amount").first.evaluate("each => each.textContent = '$1,296,742.86'")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            heights = page.locator(".figure-amount").evaluate_all(
                "all => all.map(each => each.clientHeight / parseFloat(getComputedStyle(each).fontSize))"
            )
            assert heights and max(heights) < LINES_OF_TWO, width


def test_on_a_phone_each_invoice_shows_what_is_open_and_the_overdue_ones_are_a_press_away(
    site: Site, visit: Visit
) -> None:
    page = visit("juniper-oak", phone=True)
    enter(page, site)
    overdue = page.locator("#overdue")
    amount = overdue.locator(".figure-amount").inner_text()
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="Balances").click()
    table = page.get_by_role("region", name="Open invoices")
    expect(table.get_by_role("columnheader", name="Open")).to_be_visible()
    assert table.evaluate("each => each.scrollWidth <= each.clientWidth")
    expect(table.get_by_text("Overdue").first).to_be_visible()
    page.go_back()
    overdue.get_by_role("button", name="Pay all overdue").click()
    heading(page, "Pay")
    expect(page.get_by_role("button", name=f"Review payment of {amount}")).to_be_visible()
    page.get_by_role("link", name="Back").click()
    heading(page, "Balances")
    page.get_by_role("button", name="Untick all").click()
    expect(page.locator("#tick-total")).to_contain_text("$0.00")
