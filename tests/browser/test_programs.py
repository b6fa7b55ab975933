"""Staff find a program, remind its customer with others, and keep a document and a note with it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import sign_in
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import come_by_mail, heading, hire, plug_in
from tests.factories.pdf_files import make_pdf

SLUG = "harborline"
REFERENCE, CUSTOMER, EMAIL = "HS-2660", "Pier 17 Jet Ski Rentals", "tony@pier17-jetski.example"
PDF = {"name": "binder.pdf", "mimeType": "application/pdf", "buffer": make_pdf()}


def enter(page: Page, site: Site) -> None:
    plug_in(page)
    come_by_mail(page, site, hire(site, "Petra", "accountant", SLUG))
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("button", name="Show my recovery codes").click()
    page.get_by_role("link", name="I have saved them").click()
    heading(page, "Hello, Petra Newman")


def test_a_program_is_found_reminded_and_given_a_document(site: Site, visit: Visit) -> None:
    page = visit(SLUG)
    enter(page, site)
    page.goto("admin/programs")
    assert_fits(page)
    page.get_by_role("link", name="Overdue").click()
    expect(page.locator("#found")).to_contain_text(CUSTOMER)
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("/")
    page.keyboard.type("pier 17 jet")
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_contain_text(REFERENCE)
    page.locator("tr", has_text=REFERENCE).get_by_role("checkbox").check()
    page.get_by_role("button", name="Remind…").click()
    heading(page, "Send a reminder")
    assert_fits(page)
    page.get_by_role("button", name="Send the reminders (1)").click()
    expect(page.get_by_text("Reminders are on their way: 1.")).to_be_visible()
    site.inbox.wait_for(EMAIL, "due")

    page.get_by_role("link", name=CUSTOMER).first.click()
    page.get_by_role("link", name="Carriers and wholesalers").click()
    expect(page.locator("#carriers")).to_contain_text("Not paid yet")
    assert_fits(page)
    page.get_by_role("link", name="Add a document").click()
    assert_fits(page)
    page.get_by_label("Name").fill("Binder of the season")
    page.get_by_label("What it is").select_option("binder")
    page.get_by_label("File").set_input_files([PDF])
    page.get_by_label("The insured sees it too").check()
    page.get_by_role("button", name="Add the document").click()
    expect(page.locator("#documents")).to_contain_text("The insured sees it")
    page.get_by_label("New note").fill("Asked for the binder.")
    page.get_by_role("button", name="Write the note").click()
    expect(page.locator("#notes")).to_contain_text("Asked for the binder.")
    expect(page.locator("#history")).to_contain_text("Document added")
    assert_fits(page)

    insured = visit(SLUG)
    sign_in(insured, site.inbox, EMAIL)
    insured.goto(f"programs/{re.findall(r'programs/([0-9]+)', page.url)[0]}")
    with insured.expect_download() as download:
        insured.get_by_role("link", name="Binder of the season").click()
    assert download.value.suggested_filename.endswith(".pdf")
    expect(insured.get_by_text("Asked for the binder.")).to_have_count(0)
