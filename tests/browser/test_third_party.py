"""Somebody pays for an insured with a policy number and a ZIP code, and sees no more than they need."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import download, expect_paid, pdf_text, review, say_who_pays, type_card

OFFICE = "juniper-oak"
OTHERS = "harborline"
NO_MATCH = "We could not find a policy with these details that can be paid here."
SECRETS = ("Pisgah", "Lauren", "lauren@", "Merrimon", "828-555-0194")


def look_up(page: Page, policy_number: str, postal_code: str) -> None:
    page.goto("pay-a-policy")
    page.get_by_label("Policy number").fill(policy_number)
    page.get_by_label("ZIP code of the insured").fill(postal_code)
    page.get_by_role("button", name="Find the policy").click()


def test_an_accountant_finds_the_program_chooses_and_pays(site: Site, visit: Visit) -> None:
    office = site.offices[OFFICE]
    program = office.open_program("J-008")
    endorsement = office.endorse(program, 64_20)
    page = visit(OFFICE, phone=True)
    page.goto("")
    page.get_by_role("link", name="Pay with a policy number").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pay with a policy number")
    look_up(page, program.policy_number, "90210")
    expect(page.get_by_role("alert")).to_contain_text(NO_MATCH)
    wrong_zip = page.get_by_role("alert").inner_text()
    expect(page.get_by_label("Policy number")).to_have_value(program.policy_number)
    look_up(page, "NO-SUCH-POLICY-1", program.postal_code)
    expect(page.get_by_role("alert")).to_contain_text(NO_MATCH)
    assert page.get_by_role("alert").inner_text() == wrong_zip

    look_up(page, f" {program.policy_number.lower()} ", f"{program.postal_code}-1234")
    expect(page.get_by_role("heading", level=1)).to_have_text("Insurance of P••••• B••••• S••••• C•••••")
    seen = [page.content()]
    expect(page.get_by_role("checkbox")).to_have_count(2)
    page.get_by_role("checkbox").nth(0).uncheck()
    page.get_by_role("button", name="Go on to pay").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)
    say_who_pays(page, "Cleo Counts", "cleo@ledger.example")
    expect(page.locator("#method-costs")).to_contain_text("$1.92 fee, $66.12 in all")
    type_card(page)
    button = review(page, "$64.20", with_fee="$66.12")
    expect(page.locator("#review-fee")).to_have_text("$1.92")
    seen.append(page.content())
    button.click()
    expect_paid(page, "$66.12")
    seen.append(page.content())
    receipt = download(page, page.get_by_role("link", name="Receipt (PDF)"))
    mail = site.inbox.wait_for("cleo@ledger.example", "$66.12")
    [attached] = mail.files.values()
    assert pdf_text(attached) == receipt
    for words in ("$64.20", "Card fee", "$1.92", "$66.12"):
        assert words in receipt
    for secret in (*SECRETS, program.policy_number):
        for shown in (*seen, receipt, mail.text):
            assert secret not in shown

    told = site.inbox.wait_for("lauren@pisgah-coop.example", "paid")
    assert "Cleo Counts paid on your behalf" in told.text
    assert "$64.20" in told.text
    assert "cleo@ledger.example" not in told.text
    assert not told.files
    assert office.state(endorsement) == ("paid", 0)
    assert office.state(program.invoice_id) == ("open", program.open_cents)
    assert site.processor.charged(OFFICE, endorsement) == [66_12]
    assert office.broken_rules() == []


def test_what_was_found_is_for_this_browser_only(site: Site, visit: Visit) -> None:
    program = site.offices[OTHERS].open_program("H-009")
    page, other = visit(OTHERS), visit(OTHERS)
    look_up(page, program.policy_number, program.postal_code)
    expect(page.get_by_role("heading", name="What do you want to pay?")).to_be_visible()
    page.locator("section", has=page.get_by_role("checkbox")).get_by_role("link", name="Details").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("B••••")
    other.goto(page.url)
    expect(other).to_have_title(re.compile("^Pay with a policy number"))
    page.get_by_role("button", name="Close it now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pay with a policy number")
    page.go_back()
    expect(page).to_have_title(re.compile("^Pay with a policy number"))
