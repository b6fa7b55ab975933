"""A notice of cancelation is stopped by payment; staff cancel and reinstate, and the insured pays."""

from dataclasses import replace

from playwright.sync_api import expect

from portal.agencies.keys import lookup_key
from portal.cli.demo_late import CANCELED, NOTICED, TEMPLATES, load_case
from portal.integrations.pdf import PdfRenderer
from portal.servicing.late.notices import Paper
from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import expect_paid, pdf_text, review, sign_in, type_card
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import come_by_mail, heading, hire, plug_in

SLUG = "harborline"
UNPAID = replace(
    CANCELED, reference="HS-2703", name="Corbel Stone Works", email="ida@corbel.example", canceled_days=None
)


def test_a_notice_is_stopped_by_payment(site: Site, visit: Visit) -> None:
    page = visit(SLUG)
    notice = site.inbox.wait_for(NOTICED.email, "to keep your coverage")
    sign_in(page, site.inbox, NOTICED.email)
    alert = page.locator("#notice")
    expect(alert).to_contain_text("to keep your coverage.")
    assert_fits(page)
    assert notice.subject.rstrip(".") in alert.inner_text()
    page.get_by_role("main").get_by_role("link", name="program").first.click()
    expect(page.get_by_text("Pending cancelation")).to_be_visible()
    assert_fits(page)
    assert "Notice of intent to cancel" in pdf_text(next(iter(notice.files.values())))
    page.locator("#notice").get_by_role("link").click()
    expect(page.get_by_text("This insurance can be canceled")).to_be_visible()
    amount = page.locator("#notice, .alert").first.inner_text().split("Pay ")[1].split(" by")[0]
    type_card(page)
    review(page, amount).click()
    expect_paid(page, amount)
    page.goto("")
    expect(page.locator("#notice")).to_have_count(0)
    expect(page.get_by_text("Pending cancelation")).to_have_count(0)


def test_staff_cancel_and_reinstate_and_the_insured_pays(site: Site, visit: Visit) -> None:
    office = site.offices[SLUG]
    paper = Paper(office.agency, PdfRenderer(TEMPLATES), lambda token: site.url(SLUG, f"pay/{token}"))
    load_case(office.engine, paper, UNPAID, lookup_key(office.agency, site.settings.box))
    page = visit(SLUG)
    plug_in(page)
    come_by_mail(page, site, hire(site, "Lena", "accountant", SLUG))
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("button", name="Show my recovery codes").click()
    page.get_by_role("link", name="I have saved them").click()
    heading(page, "Hello, Lena Newman")
    for path, words in (("admin/late", "Past due"), ("admin/notices/print", "Print queue")):
        page.goto(path)
        heading(page, words)
        assert_fits(page)
    page.goto(f"admin/programs?q={UNPAID.reference}")
    page.get_by_role("main").get_by_role("link", name=UNPAID.name).first.click()
    assert_fits(page)
    page.get_by_role("link", name="Cancel for non-payment").click()
    assert_fits(page)
    page.get_by_role("button", name="Cancel the program").click()
    expect(page.get_by_text("Canceled for non-payment on")).to_be_visible()
    site.inbox.wait_for(UNPAID.email, "Your insurance was canceled")
    page.get_by_role("link", name="Offer to reinstate").click()
    assert_fits(page)
    page.get_by_role("button", name="Make the offer").click()
    expect(page.get_by_text("Reinstatement due")).to_be_visible()

    payer = visit(SLUG)
    offer = site.inbox.wait_for(UNPAID.email, "and your coverage comes back")
    amount = offer.subject.split("Pay ")[1].split(" by")[0]
    sign_in(payer, site.inbox, UNPAID.email)
    payer.get_by_role("link", name=f"Pay {amount}").first.click()
    type_card(payer)
    review(payer, amount).click()
    expect_paid(payer, amount)
    site.inbox.wait_for(UNPAID.email, "in force again")
    page.reload()
    expect(page.locator(".page-head").get_by_text("Active")).to_be_visible()
