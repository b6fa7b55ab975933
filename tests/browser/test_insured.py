"""An insured signs in, sees what is theirs, pays it in each of the ways there are, and keeps the papers."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import (
    DEBIT,
    ask_to_sign_in,
    download,
    expect_paid,
    pdf_text,
    review,
    sign_in,
    type_card,
)

OFFICE = "juniper-oak"
BAKERY = "maria@riverbend-bakery.example"
FAMILY = "ellie@whitaker-family.example"


def pay(page: Page, amount: str) -> None:
    """From the payment page to the end, with a debit card, which costs nothing."""
    type_card(page, DEBIT)
    review(page, amount).click()
    expect_paid(page, amount)


def test_by_the_link_of_the_mail_everything_of_theirs_is_there_and_can_be_paid(site: Site, visit: Visit) -> None:
    page = visit(OFFICE)
    sign_in(page, site.inbox, BAKERY)
    to_pay = page.locator("#upcoming")
    expect(to_pay.get_by_role("listitem")).to_have_count(3)
    for title in ("2026–2027 insurance program", "Premium audit, workers compensation"):
        expect(to_pay.get_by_role("link", name=title, exact=True).first).to_be_visible()

    # A one-time payment, from its own page.
    to_pay.get_by_role("link", name="Premium audit, workers compensation", exact=True).click()
    expect(page.get_by_text("What this is for")).to_be_visible()
    number = re.search(r"INV-\d+-\d+", page.get_by_role("main").inner_text()).group()  # type: ignore[union-attr]
    page.get_by_role("link", name="Pay $418.36").click()
    type_card(page, DEBIT)
    button = review(page, "$418.36")
    for words in ("Premium audit, workers compensation", number, BAKERY, "Visa ••5556", "None"):
        expect(page.get_by_role("definition").filter(has_text=words)).to_be_visible()
    button.click()
    expect_paid(page, "$418.36")
    receipt = download(page, page.get_by_role("link", name="Receipt (PDF)"))
    for words in ("Receipt", "$418.36", "Premium audit, workers compensation", "Riverbend Bakery LLC", "Visa ••5556"):
        assert words in receipt
    mail = site.inbox.wait_for(BAKERY, "$418.36")
    [(name, attached)] = mail.files.items()
    assert (name.endswith(".pdf"), pdf_text(attached)) == (True, receipt)
    assert mail.link == page.url
    page.get_by_role("link", name="Back to home").click()
    expect(to_pay.get_by_role("listitem")).to_have_count(2)


def test_a_program_is_paid_one_invoice_at_a_time_or_in_full(site: Site, visit: Visit) -> None:
    office = site.offices[OFFICE]
    program = office.open_program("J-002")
    endorsement = office.endorse(program, 75_50)
    page = visit(OFFICE, phone=True)
    sign_in(page, site.inbox, FAMILY)
    page.goto(f"programs/{program.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(program.name)
    both = f"${(program.open_cents + 75_50) / 100:,.2f}"
    page.get_by_role("link", name=f"Pay everything open ({both})").click()
    expect(page.get_by_role("button", name=f"Review payment of {both}")).to_be_visible()
    page.get_by_label("2026–2027 personal lines").uncheck()
    pay(page, "$75.50")
    expect(page.get_by_text(f"Still open: ${program.open_cents / 100:,.2f}")).to_be_visible()
    assert office.state(endorsement) == ("paid", 0)

    page.goto(f"programs/{program.id}")
    expect(page.locator("#invoices").get_by_text("Paid", exact=True)).to_have_count(1)
    bill = download(page, page.locator("#documents").get_by_role("link", name="Invoice").first)
    for words in ("Invoice", "Thomas & Eleanor Whitaker", "52 Kimberly Avenue", f"${program.open_cents / 100:,.2f}"):
        assert words in bill
    amount = f"${program.open_cents / 100:,.2f}"
    page.get_by_role("link", name=f"Pay {amount}").click()
    pay(page, amount)
    expect(page.get_by_text("Nothing more is open for this.")).to_be_visible()
    page.goto(f"programs/{program.id}")
    expect(page.locator("#summary")).to_contain_text("paid")
    expect(page.locator("#payments").get_by_role("row")).to_have_count(3)
    assert office.state(program.invoice_id) == ("paid", 0)
    assert office.broken_rules() == []


def test_by_code_on_another_device_and_out_again(site: Site, visit: Visit) -> None:
    office = site.offices[OFFICE]
    bill = office.bill(120_00, "Notary bond")
    desk, phone = visit(OFFICE), visit(OFFICE, phone=True)
    mail = ask_to_sign_in(desk, site.inbox, bill.email)
    phone.goto(mail.link)
    expect(phone.get_by_role("heading", name="Type this code where you asked for it")).to_be_visible()
    expect(phone.locator("#sign-in-code")).to_have_text(mail.code)
    phone.goto(site.url(OFFICE))
    expect(phone.get_by_role("heading", name="Pay your insurance")).to_be_visible()
    desk.get_by_label("6-digit code").fill("000 000" if mail.code != "000 000" else "111 111")
    desk.get_by_role("button", name="Sign in").click()
    expect(desk.get_by_role("alert")).to_contain_text("That code is not right")
    desk.get_by_label("6-digit code").fill(mail.code)
    desk.get_by_role("button", name="Sign in").click()
    expect(desk.get_by_role("heading", name="Your payments")).to_be_visible()
    desk.get_by_role("link", name="Notary bond", exact=True).click()
    expect(desk.get_by_role("heading", name="Notary bond")).to_be_visible()
    invoice_page = desk.url
    desk.get_by_text("Account", exact=True).click()
    desk.get_by_role("button", name="Sign out").click()
    expect(desk.get_by_role("heading", name="You are signed out")).to_be_visible()
    desk.go_back()
    expect(desk.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(desk.get_by_text("$120.00")).to_have_count(0)
    desk.goto(invoice_page)
    expect(desk.get_by_role("heading", name="Sign in")).to_be_visible()
    desk.goto(mail.link)
    expect(desk.get_by_role("heading", name="This link is no longer valid")).to_be_visible()
