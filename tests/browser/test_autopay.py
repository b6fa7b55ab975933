"""Autopay as people walk it: another method, off, on again; a declined charge paid by its mail; staff stop it."""

from playwright.sync_api import expect

from portal.cli.demo_data.addresses import AUTOPAY
from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import expect_paid, review, say_who_pays, sign_in, type_card
from tests.browser.test_accountants import enter
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import heading

MASTERCARD = "5555555555554444"
SLUG = "juniper-oak"


def test_another_method_then_off_then_on_again(visit: Visit, site: Site) -> None:
    """Nothing is ticked for the person, and each step is confirmed by page."""
    email = AUTOPAY[0][1]
    for subject in "A payment method was added", "Autopay is on":
        site.inbox.wait_for(email, subject)
    page = visit(SLUG, phone=True, dark=True)
    sign_in(page, site.inbox, email)
    page.get_by_role("link", name="On – ").click()
    expect(page.get_by_role("heading", name="What you agreed to")).to_be_visible()

    before = site.inbox.count(email)
    page.get_by_role("link", name="Choose another method").click()
    page.get_by_role("link", name="Add another card or bank account").click()
    type_card(page)
    page.get_by_role("button", name="Save this payment method").click()
    expect(page.get_by_text("The payment method is added.")).to_be_visible()
    expect(page.get_by_role("radio", name="Visa ••4242")).to_be_checked()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Read and agree")).to_be_visible()
    consent = page.get_by_role("checkbox", name="I authorize these payments")
    expect(consent).not_to_be_checked()
    page.get_by_role("button", name="Use Visa ••4242 for autopay").click()
    expect(page.get_by_text("Tick the box to authorize these payments").first).to_be_visible()
    consent.check()
    page.get_by_role("button", name="Use Visa ••4242 for autopay").click()
    expect(page.get_by_text("Autopay charges this method from now on.")).to_be_visible()
    copy = site.inbox.wait_for_another(email, than=before + 1)  # the first says that a method was added
    assert "You authorize" in copy.text and "Visa ••4242" in copy.text

    page.get_by_role("link", name="Turn autopay off").click()
    expect(page.get_by_text("You pay each amount yourself by its day")).to_be_visible()
    expect(page.locator("#then-due li")).to_have_count(3)
    page.get_by_role("button", name="Yes, turn it off").click()
    expect(page.get_by_text("Autopay is off.")).to_be_visible()

    page.get_by_role("link", name="Turn autopay on").click()
    page.get_by_role("radio", name="Mastercard ••4444").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("checkbox", name="I authorize these payments").check()
    page.get_by_role("button", name="Turn autopay on with Mastercard ••4444").click()
    expect(page.get_by_text("Autopay is on. We mailed you a copy")).to_be_visible()


def test_a_declined_charge_is_paid_by_the_link_of_its_mail(visit: Visit, site: Site) -> None:
    """Whoever has the mail pays, without signing in; the insured sees that it is paid."""
    email = AUTOPAY[1][1]
    mail = site.inbox.wait_for(email, "did not go through")
    assert "We try again on" in mail.text
    page = visit(SLUG, phone=True)
    page.goto(mail.link)
    say_who_pays(page, "Cleo Counts", "cleo@books.example")
    type_card(page, MASTERCARD)
    review(page, "$185.00", with_fee="$190.55").click()
    expect_paid(page, "$190.55")
    own = visit(SLUG)
    sign_in(own, site.inbox, email)
    own.get_by_role("link", name="On – ").click()
    expect(own.get_by_text("did not go through")).to_have_count(0)


def test_staff_stop_it_and_only_the_insured_can_begin_again(visit: Visit, site: Site) -> None:
    reference, email = AUTOPAY[0][:2]
    page = visit(SLUG)
    enter(page, site, "Sol", SLUG)
    page.goto(f"admin/programs?q={reference}")
    page.locator("table").get_by_role("link").first.click()
    page.get_by_role("link", name="Consents, tries and stopping").click()
    heading(page, "Autopay")
    assert_fits(page)
    page.get_by_role("link", name="Stop autopay").click()
    heading(page, "Stop autopay?")
    page.get_by_role("button", name="Stop autopay").click()
    expect(page.get_by_text("Write why, for your colleagues.").first).to_be_visible()
    assert_fits(page)
    before = site.inbox.count(email)
    page.get_by_label("Reason").fill("They called: the card is lost")
    page.get_by_role("button", name="Stop autopay").click()
    expect(page.get_by_text("Autopay is stopped. The insured is told by mail.")).to_be_visible()
    expect(page.get_by_text("Stopped by staff. Note: They called: the card is lost")).to_be_visible()
    expect(page.locator("#now")).to_contain_text("Off")
    expect(page.get_by_role("link", name="Stop autopay")).to_have_count(0)
    mail = site.inbox.wait_for_another(email, than=before)
    assert "Autopay is off" in mail.text and "They called" not in mail.text
    own = visit(SLUG, phone=True)
    sign_in(own, site.inbox, email)
    expect(own.get_by_role("link", name="On – ")).to_have_count(0)
    own.goto("programs/" + page.url.split("/programs/")[1].split("/")[0])
    own.get_by_role("link", name="Turn autopay on").click()
    expect(own.get_by_role("radio", name="Mastercard ••4444")).to_be_visible()
    assert site.offices[SLUG].broken_rules() == []
