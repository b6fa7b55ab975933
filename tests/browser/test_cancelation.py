"""A notice of cancelation is stopped by payment; a fee is waived; staff cancel and reinstate, and the insured pays."""

import re
from dataclasses import replace

from playwright.sync_api import expect

from portal.agencies.keys import lookup_key
from portal.cli.demo_late import CANCELED, NOTICED, TEMPLATES, Case, load_case
from portal.core import clock
from portal.core.tenancy import writing
from portal.integrations.pdf import PdfRenderer
from portal.servicing.late.fees import charge_fees
from portal.servicing.late.notices import Paper
from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import expect_paid, pdf_text, review, sign_in, type_card
from tests.browser.test_accountants import enter
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import heading

SLUG = "harborline"
UNPAID = replace(
    CANCELED, reference="HS-2703", name="Corbel Stone Works", email="ida@corbel.example", canceled_days=None
)
FORGETFUL = replace(NOTICED, reference="HS-2704", name="Larch Lane Frames", email="pia@larch-lane.example")


def load(site: Site, case: Case) -> None:
    """Make a customer who has not paid an installment, at the running portal."""
    office = site.offices[SLUG]
    paper = Paper(office.agency, PdfRenderer(TEMPLATES), lambda token: site.url(SLUG, f"pay/{token}"))
    load_case(office.engine, paper, case, lookup_key(office.agency, site.settings.box))


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
    load(site, UNPAID)
    page = visit(SLUG)
    enter(page, site, "Lena", SLUG)
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


def test_a_late_fee_is_waived(site: Site, visit: Visit) -> None:
    load(site, FORGETFUL)
    office = site.offices[SLUG]
    with writing(office.engine, office.agency.id) as session:  # the worker's next hour
        charge_fees(session, office.in_days(0), clock.now())
    told = site.inbox.wait_for(FORGETFUL.email, "late fee")
    both = re.search(r"Open now: (\$[\d.]+)", told.text)
    assert both, told.text
    own = visit(SLUG, phone=True)
    sign_in(own, site.inbox, FORGETFUL.email)
    expect(own.get_by_text(both[1]).first).to_be_visible()
    page = visit(SLUG)
    enter(page, site, "Nell", SLUG)
    page.goto(f"admin/programs?q={FORGETFUL.reference}")
    page.get_by_role("main").get_by_role("link", name=FORGETFUL.name).first.click()
    page.get_by_role("link", name="Waive INV-").click()
    heading(page, re.compile(r"Waive the fee of \$[\d.]+\?"))
    page.get_by_role("button", name="Waive the fee").click()
    expect(page.get_by_text("Choose a reason.").first).to_be_visible()
    assert_fits(page)
    page.get_by_role("radio", name="Courtesy").check()
    page.get_by_label("Note").fill("The first time in nine years")
    page.get_by_role("button", name="Waive the fee").click()
    expect(page.get_by_text("The fee is waived.")).to_be_visible()
    expect(page.get_by_text("Waived: Courtesy – The first time in nine years")).to_be_visible()
    expect(page.get_by_role("link", name="Waive INV-")).to_have_count(0)
    assert_fits(page)
    own.reload()
    expect(own.get_by_text(both[1])).to_have_count(0)
    assert office.broken_rules() == []
