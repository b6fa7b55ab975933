"""Admins set up their agency in a real browser, a page at a time."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import choose, expect_paid, pay_by_link
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import come_by_mail, heading, hire, plug_in

SLUG = "juniper-oak"


@pytest.fixture
def admin(site: Site, visit: Visit) -> Page:
    """An admin's browser, past both factors."""
    page = visit(SLUG)
    plug_in(page)
    come_by_mail(page, site, hire(site, "Sam", "admin", SLUG))
    page.get_by_role("button", name="Make a passkey").click()
    heading(page, "Save your recovery codes")
    page.goto("admin/settings")
    heading(page, "Settings")
    return page


def test_the_brand_is_seen_while_one_types_and_counts_when_it_is_saved(admin: Page) -> None:
    admin.get_by_role("link", name="Branding").click()
    heading(admin, "Branding")
    color = admin.get_by_label("Color", exact=True)
    stored = color.input_value()
    color.fill("#ffd400")
    expect(admin.locator("#adjusted")).to_contain_text("On light pages links are #866b00.")
    frame = admin.frame_locator("iframe[title='Home, Dark']")
    expect(frame.get_by_role("link", name="Pay $412.50")).to_have_css("background-color", "rgb(255, 212, 0)")
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text("Saved. Pages, mails and documents show it from now on.")).to_be_visible()
    expect(admin.get_by_role("button", name="Save")).to_have_css("background-color", "rgb(255, 212, 0)")
    admin.wait_for_load_state("networkidle")
    assert_fits(admin)
    admin.get_by_label("Color", exact=True).fill(stored)
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text("Saved. Pages")).to_be_visible()


def test_a_host_is_added_checked_and_removed(admin: Page) -> None:
    admin.get_by_role("link", name="Hosts").click()
    heading(admin, "Hosts")
    admin.get_by_label("Host", exact=True).fill("pay.localhost")
    admin.get_by_role("button", name="Add the host").click()
    expect(admin.get_by_role("alert")).to_contain_text("pay.localhost is reserved")
    admin.get_by_label("Host", exact=True).fill("pay.nobody.zz")
    admin.get_by_role("button", name="Add the host").click()
    admin.get_by_role("button", name="Check pay.nobody.zz").click()
    expect(admin.get_by_text("The name is not known.")).to_be_visible()
    assert_fits(admin)
    admin.get_by_role("link", name="Remove pay.nobody.zz").click()
    assert_fits(admin)
    admin.get_by_role("button", name="Remove the host").click()
    expect(admin.get_by_text("The host is removed.")).to_be_visible()


def test_the_processor_says_whether_its_events_come_here(admin: Page) -> None:
    admin.get_by_role("link", name="Payment processor").click()
    heading(admin, "Payment processor")
    admin.get_by_role("button", name="Check keys and webhook").click()
    expect(admin.get_by_text("The keys work, and events are sent here.")).to_be_visible()
    assert_fits(admin)


def test_a_report_is_read_and_taken_along(admin: Page, site: Site, visit: Visit) -> None:
    payer = visit(SLUG)
    pay_by_link(payer, site.offices[SLUG].bill(4_200).link, "$42.00").click()
    expect_paid(payer, "$42.00")
    choose(admin, "Reports")
    heading(admin, "Reports")
    assert_fits(admin)
    admin.get_by_role("link", name="Payments").last.click()
    admin.get_by_label("From").fill("2020-01-01")
    admin.get_by_role("button", name="Show").click()
    expect(admin.get_by_text("The books took in")).to_be_visible()
    assert_fits(admin)
    with admin.expect_download() as file:
        admin.get_by_role("link", name="Download as CSV").click()
    assert file.value.suggested_filename.startswith("payments-juniper-oak-2020-01-01")
