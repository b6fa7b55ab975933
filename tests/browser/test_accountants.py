"""Accountants record a check with its picture and see it bounce; they set fees and part payments, and payers see it."""

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from portal.agencies.part_settings import Parts, set_parts
from portal.core.money import format_money
from portal.core.tenancy import writing_global
from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import DEBIT, expect_paid, pay_by_link, pdf_text, review, say_who_pays, type_card
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import come_by_mail, heading, hire, plug_in

SLUG = "juniper-oak"
"""It passes fees on, in North Carolina, where that is allowed."""


@pytest.fixture
def whole_again(site: Site) -> Iterator[None]:
    """Other journeys find an agency that takes invoices whole."""
    yield
    office = site.offices[SLUG]
    with writing_global(office.engine) as session:
        set_parts(session, office.agency.id, Parts(False))


def enter(page: Page, site: Site, name: str, slug: str = SLUG) -> None:
    """Somebody new in accounting comes in, with a passkey."""
    plug_in(page)
    come_by_mail(page, site, hire(site, name, "accountant", slug))
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("button", name="Show my recovery codes").click()
    page.get_by_role("link", name="I have saved them").click()
    heading(page, f"Hello, {name} Newman")


def photo() -> bytes:
    """A photo of a check, lying on its side."""
    exif = Image.Exif()
    exif[274] = 6
    out = io.BytesIO()
    Image.new("RGB", (300, 700), "#e8f0e0").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_check_with_its_picture_is_recorded_and_bounces(site: Site, visit: Visit) -> None:
    program = site.offices[SLUG].open_program("J-009")
    dollars = format_money(program.open_cents)
    page = visit(SLUG)
    enter(page, site, "Cora")
    page.goto(f"admin/programs/{program.id}")
    page.get_by_role("link", name="Record a check, wire or cash").click()
    page.get_by_label("Check", exact=True).check()
    page.get_by_label("Check number or reference of the wire").fill("1042")
    page.get_by_label("Received on").fill("2026-01-15")
    page.get_by_label("Amount", exact=True).fill(dollars)
    page.get_by_label("Picture of the check").set_input_files(
        {"name": "check.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7"}
    )
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("This is no picture that we can read.")
    expect(page.get_by_label("Check number or reference of the wire")).to_have_value("1042")
    assert_fits(page)
    page.get_by_label("Picture of the check").set_input_files(
        {"name": "check.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    page.get_by_role("button", name="Continue").click()
    heading(page, f"Record {dollars}?")
    assert page.get_by_role("img", name="The check").evaluate("image => image.naturalWidth") == 700
    assert_fits(page)
    page.get_by_role("button", name=f"Record {dollars}").click()
    expect(page.get_by_text("The payment is recorded.")).to_be_visible()
    expect(page.get_by_text("Check received, clearing")).to_be_visible()
    assert_fits(page)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Picture").click()
    assert saved.value.suggested_filename.endswith(".jpg")

    page.get_by_role("link", name="It bounced").click()
    page.get_by_role("button", name="It bounced").click()
    expect(page.get_by_text("The check has bounced.")).to_be_visible()
    assert site.offices[SLUG].state(program.invoice_id) == ("open", program.open_cents)
    assert site.offices[SLUG].broken_rules() == []
    email = page.locator("#insured a[href^=mailto]").first.inner_text()
    receipt = site.inbox.wait_for(email, f"Receipt: {dollars}")
    assert "we received your check" in receipt.text
    assert "CHECK RECEIVED" in pdf_text(next(iter(receipt.files.values())))
    bounced = site.inbox.wait_for(email, f"Your check of {dollars} came back")
    assert f"Pay {dollars}" in bounced.text
    payer = visit(SLUG, phone=True)
    payer.goto(bounced.link)
    expect(payer.get_by_role("button", name=f"Review payment of {dollars}")).to_be_visible()


def test_a_credit_card_costs_what_was_shown_and_a_debit_card_nothing(site: Site, visit: Visit) -> None:
    office = site.offices[SLUG]
    page = visit(SLUG)
    enter(page, site, "Fred")
    page.goto("admin/fees")
    heading(page, "Fees")
    assert_fits(page)
    page.get_by_label("Credit card, percent of the amount").fill("2")
    expect(page.locator("#fee-examples")).to_contain_text("$20.30")
    expect(page.get_by_role("row").filter(has_text="MA does not allow")).to_contain_text("Not allowed")

    credit, debit = office.bill(300_00, state="NC"), office.bill(300_00, state="NC")
    payer = visit(SLUG)
    payer.goto(credit.link)
    say_who_pays(payer, "Cleo Counts", "cleo@books.example")
    expect(payer.locator("#method-costs")).to_contain_text("Credit card")
    expect(payer.locator("#credit-cost")).to_have_text("$9.00 fee, $309.00 in all")
    type_card(payer)
    review(payer, "$300.00", with_fee="$309.00").click()
    expect_paid(payer, "$309.00")
    expect(payer.locator("#fee-line")).to_contain_text("$9.00")
    pay_by_link(payer, debit.link, "$300.00", card=DEBIT).click()
    expect_paid(payer, "$300.00")
    expect(payer.locator("#fee-line")).to_have_count(0)
    assert office.broken_rules() == []


@pytest.mark.usefixtures("whole_again")
def test_an_invoice_is_paid_in_two_parts(site: Site, visit: Visit) -> None:
    office = site.offices[SLUG]
    page = visit(SLUG)
    enter(page, site, "Petra")
    page.goto("admin/fees")
    page.get_by_label("Payers may pay a part of an invoice").check()
    page.get_by_label("At least").fill("50")
    page.get_by_label("At most").fill("50 %")
    page.get_by_role("button", name="Save part payments").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    bill = office.bill(400_00)
    payer = visit(SLUG, phone=True)
    payer.goto(bill.link)
    say_who_pays(payer, "Cleo Counts", "cleo@books.example")
    part = payer.get_by_label(re.compile("Amount to pay for"))
    expect(part).to_have_value("400.00")
    assert_fits(payer)
    part.fill("10")
    type_card(payer, DEBIT)
    payer.get_by_role("button", name=re.compile("Review payment")).click()
    expect(payer.get_by_role("alert")).to_contain_text("or between $50.00 and $200.00.")
    expect(part).to_have_value("10")
    assert_fits(payer)
    part.fill("150")
    button = review(payer, "$150.00")
    expect(payer.get_by_text("of $400.00; $250.00 stay open")).to_be_visible()
    assert_fits(payer)
    button.click()
    expect_paid(payer, "$150.00")
    expect(payer.get_by_text("Still open: $250.00")).to_be_visible()
    payer.goto(bill.link)
    say_who_pays(payer, "Cleo Counts", "cleo@books.example")
    type_card(payer, DEBIT)
    review(payer, "$250.00").click()
    expect_paid(payer, "$250.00")
    assert office.state(bill.invoice_id) == ("paid", 0)
    assert office.claims(bill.invoice_id) == ["consumed", "consumed"]
    assert office.broken_rules() == []


def test_terms_of_financing_are_tried_before_they_are_set(site: Site, visit: Visit) -> None:
    page = visit(SLUG)
    enter(page, site, "Lena")
    page.goto("admin/financing")
    heading(page, "Financing")
    assert_fits(page)
    example = page.locator("#lending-example")
    page.get_by_label("Premium", exact=True).fill("12,000")
    page.get_by_label("State of the insured").select_option("NY")
    expect(example).to_contain_text("$14.00 a year for each $100 financed.")
    expect(example.get_by_role("listitem").filter(has_text="9 monthly")).to_contain_text("Offered")
    page.get_by_label("Interest, percent a year").fill("35")
    expect(example.get_by_role("listitem").filter(has_text="9 monthly")).to_contain_text("above what the state allows")
    page.get_by_label("State of the insured").select_option("TX")
    expect(example).to_contain_text("The rule of TX about premium finance is not verified.")
    assert_fits(page)
    page.get_by_label("Interest, percent a year").fill("lots")
    page.get_by_role("button", name="Save the terms").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Interest, percent a year")).to_have_value("lots")
    expect(page.get_by_label("State of the insured")).to_have_value("TX")
    assert_fits(page)
    page.get_by_label("Interest, percent a year").fill("12.9")
    page.get_by_role("button", name="Save the terms").click()
    expect(page.get_by_text("It holds for agreements that are signed from now on.")).to_be_visible()

    page.get_by_role("link", name="Text of the agreement").click()
    heading(page, "Text of the agreement")
    text = page.get_by_label("Text of the agreement")
    text.fill("Promise to pay. You pay on the days of the schedule.\n\nYour copy. You have one.")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.locator("#versions")).to_contain_text("Version 1 · in use")
    expect(page.locator("#versions")).to_contain_text(re.compile(r"lena\d+@staff\.example"))
    assert_fits(page)
