"""Staff set reminders, see who would get one, and send a payment link; the insured pays by it, and it ends."""

from datetime import timedelta

from playwright.sync_api import expect
from sqlalchemy import select

from portal.core.tenancy import reading
from portal.invoices.models import Invoice
from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import expect_paid, pay_by_link
from tests.browser.test_accountants import enter
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import heading

SLUG = "harborline"


def test_a_link_is_sent_until_it_is_paid(site: Site, visit: Visit) -> None:
    office = site.offices[SLUG]
    bill = office.bill(275_10, "Crane inspection")
    page = visit(SLUG)
    enter(page, site, "Rhea", SLUG)
    page.goto("admin/settings")
    page.get_by_role("main").get_by_role("link", name="Reminders").click()
    heading(page, "Reminders")
    assert_fits(page)
    page.get_by_label("Before the due date, mail 2: days").fill("20")
    page.get_by_role("button", name="Save the reminders").click()
    expect(page.get_by_role("link", name="Another one is on this day already.")).to_be_visible()
    assert_fits(page)
    page.get_by_label("Before the due date, mail 2: days").fill("8")
    page.get_by_role("button", name="Save the reminders").click()
    expect(page.get_by_text("Saved. It holds for mails from now on")).to_be_visible()
    with reading(office.engine, office.agency.id) as session:
        due = session.scalars(select(Invoice.due_date).where(Invoice.id == bill.invoice_id)).one()
    page.get_by_role("link", name="Who gets what tomorrow").click()
    heading(page, "Who gets what")
    page.get_by_label("Day").fill((due - timedelta(days=8)).isoformat())
    page.get_by_role("button", name="Show the day").click()
    row = page.get_by_role("row").filter(has_text="Crane inspection")
    expect(row).to_contain_text("Reminder, 8 days before")
    expect(row).to_contain_text(bill.email)
    assert_fits(page)
    row.get_by_role("link", name="See the mail").click()
    heading(page, f"$275.10 is due on {due:%b} {due.day}, {due.year}")
    assert_fits(page)
    page.go_back()
    row.get_by_role("link").first.click()
    heading(page, "Crane inspection")
    page.get_by_role("button", name="Send the link until it is paid").click()
    expect(page.get_by_text("The payment link is on its way.")).to_be_visible()
    expect(page.get_by_text("Sending the link", exact=True)).to_be_visible()
    assert_fits(page)
    mail = site.inbox.wait_for(bill.email, "$275.10 is due on")
    payer = visit(SLUG, phone=True)
    pay_by_link(payer, mail.link, "$275.10", email=bill.email).click()
    expect_paid(payer, "$275.10")
    page.reload()
    expect(page.get_by_text("It ended: what it asked for is not due any more.")).to_be_visible()
    expect(page.get_by_role("button", name="Stop sending the link")).to_have_count(0)
    assert_fits(page)
    assert office.state(bill.invoice_id) == ("paid", 0)
    assert office.broken_rules() == []
