"""Partners and money: thirty invoices by one bank debit and the month's statement; commissions earned and paid out."""

import re

from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.cli.demo_partners import Sale
from portal.core.tenancy import reading
from portal.invoices.models import Invoice
from portal.statements.months import month_of
from tests.browser.conftest import Visit
from tests.browser.office import Office
from tests.browser.running import Site
from tests.browser.steps import ask_to_sign_in, download, expect_paid, pdf_text, review
from tests.browser.test_bank_debit import press, type_account
from tests.browser.test_customers import go_to_work
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import heading

SLUG = "harborline"
MANY = 31
EACH_CENTS = 1_090_00
"""Of a premium of $1,000.00: with 4 % tax and a fee of $150.00, less the tenth that the partner keeps."""


def bill_many(office: Office, partner_id: int) -> list[int]:
    """Invoices of agency bill, due in twenty days, in the order of the page."""
    with office.with_retailer(partner_id) as retailer:
        for number in range(MANY):
            place = (f"{number + 1} Quay Street", "Boston", "02210")
            retailer.sell(Sale(f"TEAL-{number}", f"Harbor Shop {number:02}", place, 1_000_00), retailer.today)
    with reading(office.engine, office.agency.id) as session:
        return list(session.scalars(select(Invoice.id).where(Invoice.partner_id == partner_id).order_by(Invoice.id)))


def come_in(page: Page, site: Site, email: str) -> None:
    """Sign in by the link of the mail."""
    page.goto(ask_to_sign_in(page, site.inbox, email).link)
    page.get_by_role("button", name="Sign in").click()


def test_thirty_invoices_by_one_bank_debit_and_the_months_statement(site: Site, visit: Visit) -> None:
    office, email = site.offices[SLUG], "tess@teal-brokers.example"
    partner_id = office.add_partner("Teal Brokers LLC", email)
    ids = bill_many(office, partner_id)
    page = visit(SLUG)

    welcome = site.inbox.wait_for(email, "Your account with Harborline Specialty")
    page.goto(welcome.link)
    expect(page.get_by_label("E-mail address")).to_be_visible()
    before = site.inbox.count(email)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="E-mail me a sign-in link").click()
    mail = site.inbox.wait_for_another(email, than=before, leading_to="/sign-in/")
    page.get_by_label("Code").fill(mail.code)
    page.get_by_role("button", name="Sign in").click()
    heading(page, "Teal Brokers LLC")
    expect(page.locator("#due")).to_contain_text("$33,790.00")
    assert_fits(page)

    page.get_by_role("link", name="Balances").click()
    expect(page.get_by_role("heading", name="31 invoices")).to_be_visible()
    page.get_by_role("button", name="Tick this page").click()
    total = page.locator("#tick-total")
    expect(total).to_contain_text("$33,790.00")
    page.get_by_role("row", name="Harbor Shop 30").get_by_role("checkbox").uncheck()
    expect(total).to_contain_text("$32,700.00")
    assert_fits(page)
    page.get_by_role("button", name="Pay what is ticked").click()
    heading(page, "Pay")
    expect(page.locator("#what").get_by_role("checkbox")).to_have_count(30)
    type_account(page)
    assert_fits(page)
    button = review(page, "$32,700.00")
    expect(page.locator("#authorization")).to_contain_text("to debit $32,700.00 from your bank account")
    page.get_by_label("I authorize this bank debit").check()
    assert_fits(page)
    button.click()
    heading(page, "Your bank is being asked")
    assert_fits(page)
    there = page.url
    page.get_by_role("link", name="Back to balances").click()
    expect(page.get_by_role("heading", name="31 invoices")).to_be_visible()
    page.get_by_label("Show").select_option("Processing")
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("heading", name="30 invoices")).to_be_visible()

    press(site, visit, ids[0], "Settle")
    receipt = site.inbox.wait_for(email, "Receipt: $32,700.00")
    on_paper = pdf_text(next(iter(receipt.files.values())))
    assert "Harbor Shop 00" in on_paper and "Harbor Shop 29" in on_paper and "Harbor Shop 30" not in on_paper
    page.goto(there)
    expect_paid(page, "$32,700.00")
    assert [sum(site.processor.charged(SLUG, each)) for each in (ids[0], ids[29], ids[30])] == [32_700_00] * 2 + [0]

    with office.with_retailer(partner_id) as retailer:
        retailer.state(month_of(retailer.today.replace(day=1), retailer.zone), mails=True)
    mail = site.inbox.wait_for(email, "Your statement up to")
    assert "$1,090.00" in mail.text
    page.goto(mail.link)
    owed = page.locator("#owed")
    expect(owed).to_contain_text(re.compile(r"Opening balance\s*\$0.00"))
    expect(owed).to_contain_text(re.compile(r"Invoices\s*\$33,790.00\s*Payments\s*-\$32,700.00"))
    expect(owed).to_contain_text(re.compile(r"Closing balance\s*\$1,090.00"))
    assert_fits(page)
    on_paper = download(page, page.get_by_role("link", name="Download as PDF"))
    assert on_paper == pdf_text(next(iter(mail.files.values())))
    assert "Teal Brokers LLC" in on_paper and "Closing balance $1,090.00" in on_paper
    assert office.state(ids[30]) == ("open", EACH_CENTS)
    assert office.broken_rules() == []


def test_commissions_are_proposed_approved_by_another_and_paid_with_their_report(site: Site, visit: Visit) -> None:
    office, email = site.offices[SLUG], "rory@plover-risk.example"
    partner_id = office.add_partner("Plover Risk Partners", email)
    with office.with_retailer(partner_id) as retailer:
        place = ("5 Marsh Road", "Boston", "02127")
        mill, forge = (Sale(f"PLOVER-{n}", n, place, c, False) for n, c in (("Mill", 1_000_00), ("Forge", 2_000_00)))
        for sale in (mill, forge):
            retailer.client_pays(sale, program_id := retailer.sell(sale, retailer.today), retailer.today)
        retailer.give_back(program_id, 300_00, retailer.today)
        retailer.accrue(retailer.today)

    petra, abel, rory = visit(SLUG), visit(SLUG), visit(SLUG)
    go_to_work(petra, site, "Petra", "accountant")
    petra.goto("admin/partner-payouts")
    petra.get_by_role("button", name="Propose payouts now").click()
    row = petra.get_by_role("row", name="Plover Risk Partners")
    expect(row).to_contain_text("$300.00")
    expect(row).to_contain_text("$270.00")
    assert_fits(petra)
    petra.get_by_role("link", name=re.compile(r"Approve \$")).click()
    petra.get_by_role("button", name=re.compile(r"Approve \$")).click()
    expect(petra.get_by_role("alert")).to_contain_text("You have proposed it, so somebody else has to approve it.")
    assert_fits(petra)
    petra.get_by_role("link", name="Not now").click()
    run = petra.url

    go_to_work(abel, site, "Abel", "accountant")
    abel.goto(run)
    abel.get_by_role("link", name=re.compile(r"Approve \$")).click()
    abel.get_by_role("button", name=re.compile(r"Approve \$")).click()
    expect(abel.get_by_text("The run is approved.")).to_be_visible()
    with abel.expect_download() as saved:
        abel.get_by_role("link", name="File for the bank").click()
    lines = saved.value.path().read_text().splitlines()
    assert [line for line in lines if "Plover Risk Partners" in line and "270.00" in line]
    abel.get_by_role("link", name="Mark as paid").click()
    abel.get_by_label("Reference of the bank").fill("ACH 4711")
    assert_fits(abel)
    abel.get_by_role("button", name="Mark as paid").click()
    expect(abel.get_by_text("Each partner gets a mail with their report.")).to_be_visible()
    assert_fits(abel)

    mail = site.inbox.wait_for(email, "Commission of $270.00 paid on")
    on_paper = pdf_text(next(iter(mail.files.values())))
    assert "ACH 4711" in on_paper and "Forge" in on_paper and "-$30.00" in on_paper
    come_in(rory, site, email)
    heading(rory, "Plover Risk Partners")
    rory.goto(mail.link)
    heading(rory, "Commissions")
    expect(rory.locator("#payouts")).to_contain_text("$30.00 taken back")
    assert_fits(rory)
    rory.locator("#payouts").get_by_role("link").click()
    expect(rory.locator("#paid")).to_contain_text("ACH 4711")
    expect(rory.locator("#taken-back")).to_contain_text("Forge")
    assert_fits(rory)
    assert download(rory, rory.get_by_role("link", name="Download as PDF")) == on_paper
    assert office.broken_rules() == []


def test_somebody_of_two_agencies_sees_both_and_each_in_its_own_colours(site: Site, visit: Visit) -> None:
    email, place = "hana@heron-group.example", ("8 Lake Road", "Boston", "02130")
    for slug, name, cents in (("harborline", "Heron Group Boston", 1_000_00), ("juniper-oak", "Heron Group", 2_000_00)):
        office = site.offices[slug]
        with office.with_retailer(office.add_partner(name, email)) as retailer:
            retailer.sell(Sale("HERON", "Lakeside Diner", place, cents), retailer.today)
        site.inbox.wait_for(email, f"Your account with {office.agency.name}")
    page = visit(SLUG)
    come_in(page, site, email)
    heading(page, "Your companies")
    expect(page.locator("#here")).to_contain_text("$1,090.00")
    elsewhere = page.locator("#elsewhere")
    expect(elsewhere).to_contain_text("Juniper & Oak Insurance")
    expect(elsewhere).to_contain_text("$2,030.00")
    assert_fits(page)
    page.get_by_role("link", name="Heron Group Boston").click()
    heading(page, "Heron Group Boston")
    expect(page.get_by_role("banner")).to_contain_text("Harborline Specialty")
    expect(page.locator("main")).not_to_contain_text("2,030.00")
    page.go_back()
    ours = brand_of(page)
    elsewhere.get_by_role("link", name="Heron Group").click()
    expect(page.get_by_role("banner")).to_contain_text("Juniper & Oak Insurance")
    assert brand_of(page) != ours
    before = site.inbox.count(email)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="E-mail me a sign-in link").click()
    page.goto(site.inbox.wait_for_another(email, than=before, leading_to="/sign-in/").link)
    page.get_by_role("button", name="Sign in").click()
    heading(page, "Heron Group")
    expect(page.get_by_role("banner")).to_contain_text("Juniper & Oak Insurance")
    expect(page.locator("#due")).to_contain_text("$2,030.00")
    assert_fits(page)


def brand_of(page: Page) -> str:
    """The colour of an agency's buttons."""
    return str(page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--brand-solid')"))
