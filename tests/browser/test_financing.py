"""From the quote to the last payment of a loan: on a phone, left and continued, by a bank that fails, paid off."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import DEBIT, download, expect_paid, pdf_text, review, sign_in, type_card
from tests.browser.test_bank_debit import type_account

OFFICE = "juniper-oak"


def choose_nine(page: Page, program_id: int) -> None:
    """Check the details, and choose nine installments."""
    page.goto(f"programs/{program_id}")
    page.get_by_role("link", name="Choose how to pay").click()
    page.get_by_role("button", name="This is right – go on").click()
    page.get_by_label("9 installments").check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Read and sign the agreement")


def sign(page: Page) -> None:
    """Read the agreement, and sign it."""
    agreement = download(page, page.get_by_role("link", name="Open the agreement (PDF)"))
    assert "This agreement is not signed yet." in agreement.replace("\u200b", "")
    page.locator("#consent").check()
    page.locator("#typed_name").fill("Maria Lopez")
    page.get_by_role("button", name="Sign and go on to the down payment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pay the down payment")
    expect(page.get_by_text("Step 4 of 6")).to_be_visible()


def amount_to_review(page: Page) -> str:
    """What the button of the payment page says."""
    return page.locator("#review-button").inner_text().removeprefix("Review payment of ").strip()


def pay(page: Page) -> str:
    """Pay what the payment page asks for, by debit card; the amount."""
    amount = amount_to_review(page)
    type_card(page, DEBIT)
    review(page, amount).click()
    expect_paid(page, amount)
    return amount


def test_financed_and_signed_on_a_phone_left_continued_paid_in_advance_and_paid_off(site: Site, visit: Visit) -> None:
    office, email = site.offices[OFFICE], "phone@bakery.example"
    program_id = office.open_financeable(email)
    page = visit(OFFICE, phone=True)
    sign_in(page, site.inbox, email)
    choose_nine(page, program_id)
    page.goto(f"programs/{program_id}")
    page.get_by_role("link", name="Choose how to pay").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Read and sign the agreement")
    sign(page)
    assert office.loan_state(program_id) == "signed"
    page.goto(f"programs/{program_id}")
    expect(page.get_by_role("heading", name="Down payment due")).to_be_visible()
    assert "Maria Lopez" in download(page, page.get_by_role("link", name="Signed agreement").first)
    page.locator("#summary").get_by_role("link", name="Pay").click()
    pay(page)
    assert office.loan_state(program_id) == "bound"
    mail = site.inbox.wait_for(email, "Your loan has begun")
    assert "Maria Lopez" in pdf_text(next(iter(mail.files.values())))

    page.goto(f"programs/{program_id}")
    expect(page.locator("#installments").get_by_role("listitem")).to_have_count(9)
    page.get_by_role("link", name="Pay Installment 8 of 9").click()
    pay(page)
    page.goto(f"programs/{program_id}")
    expect(page.locator("#installments").get_by_text("Paid", exact=True)).to_have_count(1)
    bill = download(page, page.get_by_role("link", name="Invoice (PDF) Installment 1 of 9"))
    assert "How to pay" in bill
    page.get_by_role("link", name="Pay off – you save").click()
    expect(page.get_by_text("Interest you save")).to_be_visible()
    amount = amount_to_review(page)
    type_card(page, DEBIT)
    button = review(page, amount)
    expect(page.locator("#review-saved")).to_contain_text("Interest saved: $")
    button.click()
    expect_paid(page, amount)
    assert office.loan_state(program_id) == "paid_off"
    page.goto(f"programs/{program_id}")
    expect(page.get_by_text("Your loan is paid off.")).to_be_visible()
    assert office.broken_rules() == []


def test_a_down_payment_by_a_bank_that_fails_leaves_the_choice_open(site: Site, visit: Visit) -> None:
    office, email = site.offices[OFFICE], "bank@bakery.example"
    program_id = office.open_financeable(email)
    page = visit(OFFICE)
    sign_in(page, site.inbox, email)
    choose_nine(page, program_id)
    sign(page)
    amount = amount_to_review(page)
    type_account(page)
    button = review(page, amount)
    expect(page.get_by_text("Step 5 of 6")).to_be_visible()
    page.get_by_label("I authorize this bank debit").check()
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your bank is being asked")
    expect(page.get_by_text("Step 6 of 6")).to_be_visible()
    page.goto(f"programs/{program_id}")
    expect(page.get_by_role("button", name="Choose another way to pay")).to_have_count(0)
    console = visit(OFFICE)
    console.goto(site.settings.stripe_sandbox_url)
    row = console.get_by_role("row").filter(has_text=amount).filter(has_text="processing").first
    row.get_by_role("button", name="Fail: no funds").click()
    site.inbox.wait_for(email, "did not go through", within=60)
    assert office.loan_state(program_id) == "signed"
    page.reload()
    expect(page.get_by_role("heading", name="Down payment due")).to_be_visible()
    page.locator("#summary").get_by_role("link", name="Pay").click()
    pay(page)
    assert office.loan_state(program_id) == "bound"
    assert office.broken_rules() == []
