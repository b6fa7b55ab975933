"""Money goes back: an accountant refunds, a bank returns a debit, a cardholder disputes and the bank decides."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.core.tenancy import reading
from portal.payments.models import Claim
from tests.browser.conftest import Visit
from tests.browser.office import Bill
from tests.browser.running import Site
from tests.browser.steps import DEBIT, expect_paid, pay_by_link, pdf_text
from tests.browser.test_accountants import enter
from tests.browser.test_bank_debit import authorize, press
from tests.browser.test_every_page import assert_fits

OFFICE = "juniper-oak"
CENTS, AMOUNT = 318_75, "$318.75"


def paid_by_card(site: Site, visit: Visit) -> tuple[Bill, Page]:
    """A bill that somebody has paid by card, and their page about it."""
    bill = site.offices[OFFICE].bill(CENTS)
    page = visit(OFFICE, phone=True)
    pay_by_link(page, bill.link, AMOUNT, card=DEBIT).click()
    expect_paid(page, AMOUNT)
    return bill, page


def payment_of(site: Site, bill: Bill) -> int:
    office = site.offices[OFFICE]
    with reading(office.engine, office.agency.id) as session:
        return session.scalars(select(Claim.payment_id).where(Claim.invoice_id == bill.invoice_id)).one()


def test_an_accountant_refunds_a_part_and_the_payer_sees_it(site: Site, visit: Visit) -> None:
    office = site.offices[OFFICE]
    bill, payer = paid_by_card(site, visit)
    page = visit(OFFICE)
    enter(page, site, "Rhea")
    page.goto(f"admin/payments/{payment_of(site, bill)}")
    assert_fits(page)
    page.get_by_role("link", name="Refund").click()
    assert_fits(page)
    page.get_by_label(bill.number).fill("400")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label(bill.number).fill("100")
    page.get_by_label("Charged by mistake").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Refund $100.00?")
    assert_fits(page)
    page.get_by_role("button", name="Refund $100.00").click()
    expect(page.locator("#money-back")).to_contain_text("Charged by mistake")
    assert_fits(page)
    assert office.state(bill.invoice_id) == ("open", 100_00)
    mail = site.inbox.wait_for("cleo@books.example", "Your refund of $100.00 is on its way")
    assert "$100.00" in pdf_text(next(iter(mail.files.values())))
    payer.reload()
    expect(payer.locator("#refund-rows")).to_contain_text("$100.00")
    assert_fits(payer)
    assert office.broken_rules() == []


def test_a_debit_comes_back_after_it_was_paid(site: Site, visit: Visit) -> None:
    office = site.offices[OFFICE]
    bill = office.bill(CENTS)
    payer = bill.email.replace("owner", "returner")
    page = visit(OFFICE)
    authorize(page, bill, payer)
    press(site, visit, bill.invoice_id, "Settle")
    site.inbox.wait_for(payer, f"Receipt: {AMOUNT}")
    press(site, visit, bill.invoice_id, "Return: no funds")
    mail = site.inbox.wait_for(payer, f"Your bank returned your payment of {AMOUNT}", within=60)
    assert office.state(bill.invoice_id) == ("open", CENTS)
    page.reload()
    expect(page.locator("#refund-rows")).to_contain_text("The bank took it back")
    assert_fits(page)
    page.goto(mail.link)
    expect(page.get_by_role("button", name=f"Review payment of {AMOUNT}")).to_be_visible()
    assert office.broken_rules() == []


def test_a_disputed_payment_is_won(site: Site, visit: Visit) -> None:
    office = site.offices[OFFICE]
    bill, payer = paid_by_card(site, visit)
    press(site, visit, bill.invoice_id, "Dispute")
    staff = visit(OFFICE)
    enter(staff, site, "Dora")
    expect_state(staff, site, bill, "open", CENTS)
    staff.goto(f"admin/payments/{payment_of(site, bill)}")
    expect(staff.locator("#money-back")).to_contain_text("Answer by")
    expect(staff.get_by_role("link", name="Refund")).to_have_count(0)
    assert_fits(staff)
    staff.goto("admin/attention")
    expect(staff.locator("main")).to_contain_text(AMOUNT)
    assert_fits(staff)
    console = visit(OFFICE)
    console.goto(site.settings.stripe_sandbox_url)
    console.get_by_role("button", name=f"Won, {AMOUNT}").first.click()
    expect_state(staff, site, bill, "paid", 0)
    payer.reload()
    assert_fits(payer)
    assert office.broken_rules() == []


def expect_state(page: Page, site: Site, bill: Bill, state: str, open_cents: int) -> None:
    """Wait until the worker has heard of it."""
    for _ in range(120):
        if site.offices[OFFICE].state(bill.invoice_id) == (state, open_cents):
            return
        page.wait_for_timeout(500)
    assert site.offices[OFFICE].state(bill.invoice_id) == (state, open_cents)
