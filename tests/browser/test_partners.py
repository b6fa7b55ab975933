"""Partners: staff add one, its contact comes in by the welcome mail, invites a colleague and removes them again."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import ask_to_sign_in, choose
from tests.browser.test_customers import go_to_work
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import heading

SLUG = "harborline"


def come_in(page: Page, site: Site, email: str) -> None:
    """Sign in by the link of the mail, as somebody of a partner."""
    page.goto(ask_to_sign_in(page, site.inbox, email).link)
    page.get_by_role("button", name="Sign in").click()
    heading(page, "Lakeshore Risk Partners")


def test_from_the_welcome_mail_to_a_colleague_and_back(site: Site, visit: Visit) -> None:
    dana, kim = "dana@lakeshore-risk.example", "kim@lakeshore-risk.example"
    staff, contact, colleague = visit(SLUG), visit(SLUG), visit(SLUG)
    go_to_work(staff, site, "Petra", "accountant")
    choose(staff, "Partners")
    staff.get_by_role("link", name="Add a partner").click()
    assert_fits(staff)
    staff.get_by_role("button", name="Add the partner").click()
    expect(staff.get_by_role("alert")).to_be_focused()
    staff.get_by_label("Retail", exact=True).check()
    for label, value in {
        "Name": "Lakeshore Risk Partners",
        "Mailing address": "9 Shore Drive",
        "City": "Chicago",
        "State": "IL",
        "ZIP": "60601",
        "First name": "Dana",
        "Last name": "Whitlock",
        "E-mail address": dana,
        "Due so many days after the effective date": "20",
    }.items():
        staff.get_by_label(label, exact=True).fill(value)
    staff.get_by_label("Agency bill: it pays our invoices").check()
    staff.get_by_role("button", name="Add the partner").click()
    heading(staff, "Lakeshore Risk Partners")
    assert_fits(staff)

    welcome = site.inbox.wait_for(dana, "Your account with")
    assert "There is no password." in welcome.text
    come_in(contact, site, dana)
    assert_fits(contact)
    contact.get_by_role("link", name="Users").click()
    contact.get_by_role("link", name="Invite somebody").click()
    for label, value in {"First name": "Kim", "Last name": "Lee", "E-mail address": kim}.items():
        contact.get_by_label(label, exact=True).fill(value)
    contact.get_by_label("May look and pay").check()
    assert_fits(contact)
    contact.get_by_role("button", name="Invite", exact=True).click()
    heading(contact, "Users")

    site.inbox.wait_for(kim, "You can now work with")
    come_in(colleague, site, kim)
    contact.get_by_role("link", name="Kim Lee").click()
    assert_fits(contact)
    contact.get_by_role("button", name="Remove Kim Lee").click()
    heading(contact, "Users")
    expect(contact.get_by_text("Removed", exact=True)).to_be_visible()
    site.inbox.wait_for(kim, "You no longer come in for")
    colleague.reload()
    heading(colleague, "We could not find that page")
