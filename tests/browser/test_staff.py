"""Staff in a real browser: a passkey on a device in software, codes of an app, colleagues, and leaving in time."""

import re
from itertools import count

import pyotp
from playwright.sync_api import CDPSession, Page, expect

from portal.agencies.found import Role, add_staff
from portal.core import clock
from portal.core.audit import SYSTEM
from portal.core.tenancy import writing
from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import ask_to_sign_in
from tests.browser.test_every_page import assert_fits

SLUG = "harborline"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


_hired = count(1)


def hire(site: Site, name: str, role: Role, slug: str = SLUG) -> str:
    """Somebody new on the staff; their address, which nobody else has had."""
    office, email = site.offices[slug], f"{name.lower()}{next(_hired)}@staff.example"
    with writing(office.engine, office.agency.id) as session:
        add_staff(session, email, f"{name} Newman", role, SYSTEM, clock.now())
    return email


def plug_in(page: Page) -> tuple[CDPSession, str]:
    """Give the browser a device that makes passkeys; what the device is called."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return device, str(made["authenticatorId"])


def come_by_mail(page: Page, site: Site, email: str) -> None:
    page.goto(ask_to_sign_in(page, site.inbox, email).link)
    page.get_by_role("button", name="Sign in").click()


def heading(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def test_a_passkey_lets_an_admin_in_and_asks_again_for_what_is_dangerous(site: Site, visit: Visit) -> None:
    email = hire(site, "Ada", "admin")
    page = visit(SLUG)
    device, name = plug_in(page)
    come_by_mail(page, site, email)
    heading(page, "Set up your second step")
    assert_fits(page)
    page.get_by_role("button", name="Make a passkey").click()
    heading(page, "Save your recovery codes")
    page.get_by_role("button", name="Show my recovery codes").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    assert_fits(page)
    code = page.locator("#recovery-codes li").first.inner_text()
    page.get_by_role("link", name="I have saved them").click()
    heading(page, "Hello, Ada Newman")
    for path, words in (
        ("admin/", "Hello, Ada Newman"),
        ("admin/customers", "Customers"),
        ("admin/invoices", "Invoices"),
        ("admin/payments", "Payments"),
        ("admin/settings", "Settings"),
        ("admin/reminders/preview", "Who gets what"),
        ("admin/account", "Your account"),
        ("admin/staff", "Staff"),
        ("admin/roles", "What each role may do"),
    ):
        page.goto(path)
        heading(page, words)
        assert_fits(page)
    page.goto("admin/staff/new")
    page.get_by_role("button", name="Add to the staff").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert_fits(page)
    page.get_by_label("Name").fill("Bea Kim")
    page.get_by_label("E-mail address").fill("bea@staff.example")
    page.get_by_label("Producer").check()
    page.get_by_role("button", name="Add to the staff").click()
    expect(page.get_by_text("A welcome e-mail is on its way")).to_be_visible()
    assert "producer" in site.inbox.wait_for("bea@staff.example", "You now work with").text.lower()
    page.get_by_role("link", name="Bea Kim").click()
    heading(page, "Bea Kim")
    assert_fits(page)

    page.get_by_text("Account", exact=True).click()
    page.get_by_role("button", name="Sign out").click()
    come_by_mail(page, site, email)
    heading(page, "Show that it is you")
    assert_fits(page)
    page.get_by_role("button", name="Use your passkey").click()
    heading(page, "Hello, Ada Newman")

    device.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": False})
    page.get_by_text("Account", exact=True).click()
    page.get_by_role("button", name="Sign out").click()
    come_by_mail(page, site, email)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.locator("[data-passkey-problem]")).to_be_visible()
    page.get_by_role("link", name=re.compile("recovery code")).click()
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Continue").click()
    heading(page, "Hello, Ada Newman")
    assert "recovery codes" in site.inbox.wait_for(email, "A recovery code was used").text


def test_an_authenticator_app_without_a_script(site: Site, visit: Visit) -> None:
    email = hire(site, "Sam", "support")
    page = visit(SLUG, script=False)
    come_by_mail(page, site, email)
    expect(page.get_by_text("This browser cannot use passkeys here.")).to_be_visible()
    page.get_by_role("button", name="Use an authenticator app").click()
    heading(page, "Connect your authenticator app")
    seed = page.locator("#seed").inner_text().replace(" ", "")
    page.get_by_label("Code from your app").fill(pyotp.TOTP(seed).now())
    page.get_by_role("button", name="Connect the app").click()
    page.get_by_role("button", name="Show my recovery codes").click()
    page.get_by_role("link", name="I have saved them").click()
    heading(page, "Hello, Sam Newman")
    expect(page.get_by_role("navigation", name="Staff").get_by_role("link", name="Staff")).to_have_count(0)


def test_a_warning_before_the_time_out_and_the_same_page_after_it(site: Site, visit: Visit) -> None:
    bill = site.offices[SLUG].bill(101_00)
    page = visit(SLUG)
    page.clock.install()
    come_by_mail(page, site, bill.email)
    page.goto("account/")
    warning = page.get_by_role("dialog", name="Are you still there?")
    page.clock.fast_forward("26:00")
    expect(warning).to_be_hidden()
    page.clock.fast_forward("01:30")
    expect(warning).to_be_visible()
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    assert_fits(page)
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    page.clock.fast_forward("27:30")
    expect(warning).to_be_visible()
    with page.expect_navigation(url=re.compile(r"/account/$")):  # the server's own clock knows better: still signed in
        page.clock.fast_forward("03:00")
    page.context.clear_cookies()
    page.goto("account/email")
    heading(page, "Sign in")
    assert "next=/account/email" in page.url


def test_where_one_is_signed_in_and_another_address(site: Site, visit: Visit) -> None:
    bill = site.offices[SLUG].bill(102_00)
    page, other = visit(SLUG), visit(SLUG, phone=True)
    for each in page, other:
        come_by_mail(each, site, bill.email)
        expect(each.get_by_role("heading", name="Your payments")).to_be_visible()
    page.goto("account/")
    expect(page.locator("#browsers li")).to_have_count(2)
    expect(page.get_by_text("This browser")).to_have_count(1)
    assert_fits(page)
    page.get_by_role("button", name="Sign out all others").click()
    expect(page.locator("#browsers li")).to_have_count(1)
    other.reload()
    heading(other, "Pay your insurance")

    page.get_by_role("link", name="Change the address").click()
    page.get_by_role("button", name="Send both e-mails").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert_fits(page)
    new = f"new-{bill.email}"
    page.get_by_label("New e-mail address").fill(new)
    page.get_by_role("button", name="Send both e-mails").click()
    expect(page.get_by_text("We have sent two e-mails").last).to_be_visible()
    assert_fits(page)
    other.goto(site.inbox.wait_for(new, "Confirm your new e-mail address").link)
    heading(other, "Is this your new address?")
    assert_fits(other)
    other.get_by_role("button", name="Yes, change it").click()
    heading(other, "Thank you. One more button")
    other.goto(site.inbox.wait_for(bill.email, "Is your e-mail address to be changed?").link)
    other.get_by_role("button", name="Yes, change it").click()
    heading(other, "Your address is changed")
    assert_fits(other)
    for address in bill.email, new:
        assert new in site.inbox.wait_for(address, "Your e-mail address was changed").text
    come_by_mail(other, site, new)
    expect(other.get_by_role("heading", name="Your payments")).to_be_visible()
