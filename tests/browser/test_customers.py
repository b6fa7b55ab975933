"""Staff and their customers: one-time payments on a schedule, a look through the customer's eyes, data, and merging."""

import re

from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.agencies.found import Role
from portal.agencies.keys import lookup_key
from portal.core.tenancy import reading, writing
from portal.invoices.models import Invoice
from portal.programs.guest_keys import reindex
from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import expect_paid, pay_by_link
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import come_by_mail, heading, hire, plug_in
from tests.browser.watching import Watch
from tests.factories.people import make_insured, make_policy, make_program

SLUG = "harborline"


def go_to_work(page: Page, site: Site, name: str, role: Role) -> None:
    """Somebody new on the staff, past both factors."""
    plug_in(page)
    come_by_mail(page, site, hire(site, name, role))
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("button", name="Show my recovery codes").click()
    page.get_by_role("link", name="I have saved them").click()
    heading(page, f"Hello, {name} Newman")


def new_customer(site: Site, name: str, *emails: str, policy_number: str = "", **more: str) -> int:
    """A customer of the agency, with a program if there is a policy number; its id."""
    office = site.offices[SLUG]
    with writing(office.engine, office.agency.id) as session:
        insured = make_insured(session, *emails, name=name, **more)
        if policy_number:
            program = make_program(session, insured, name=f"{name}'s package")
            make_policy(session, program, policy_number)
            reindex(session, lookup_key(office.agency, office.settings.box), [program.id])
        return insured.id


def test_a_survey_is_paid_in_three_and_the_rest_is_canceled(site: Site, visit: Visit) -> None:
    office, email = site.offices[SLUG], "sol@kiln.example"
    insured_id = new_customer(site, "Kiln Pottery LLC", email)
    page, payer = visit(SLUG), visit(SLUG)
    go_to_work(page, site, "Olga", "producer")
    page.goto(f"admin/customers/{insured_id}")
    page.get_by_role("link", name="Ask for a payment").click()
    assert_fits(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert_fits(page)
    page.get_by_label("What is it for?").fill("Loss survey")
    line = page.get_by_role("group", name="Line 1")
    line.get_by_label("What").fill("Survey on site")
    line.get_by_label("Amount").fill("1,000")
    page.get_by_label("Due date").fill(office.in_days(10).isoformat())
    page.get_by_label("In how many payments?").fill("3")
    page.get_by_label("Send the payment link now").check()
    page.get_by_role("button", name="Continue").click()
    heading(page, "Ask for $1,000.00?")
    expect(page.get_by_text(f"A mail with the payment link for $333.34 goes to {email} now")).to_be_visible()
    assert_fits(page)
    page.get_by_role("button", name="Ask for $1,000.00").click()
    heading(page, "Loss survey (1 of 3)")
    assert_fits(page)

    mail = site.inbox.wait_for(email, "$333.34")
    link = next(found for found in re.findall(r"https?://\S+", mail.text) if "/pay/" in found)
    pay_by_link(payer, link, "$333.34").click()
    expect_paid(payer, "$333.34")

    page.reload()
    expect(page.get_by_text("Something was paid on it. Refund that first.")).to_be_visible()
    page.get_by_role("link", name="Loss survey (2 of 3)").click()
    page.get_by_role("link", name="Change", exact=True).click()
    assert_fits(page)
    page.get_by_role("group", name="Line 1").get_by_label("Amount").fill("300")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("of $333.33 is void. A new one of $300.00 takes its place.")).to_be_visible()
    assert_fits(page)
    page.get_by_role("button", name="Save: $300.00").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Cancel", exact=True).click()
    page.get_by_label("All 2 that are not paid: $633.33").check()
    page.get_by_label("Why?").fill("Sold the kiln")
    assert_fits(page)
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_text("Nothing is owed on it any more")).to_be_visible()
    with reading(office.engine, office.agency.id) as session:
        query = select(Invoice.state, Invoice.total_cents, Invoice.open_cents).where(Invoice.insured_id == insured_id)
        states = list(session.execute(query.order_by(Invoice.id)))
    assert states == [("paid", 333_34, 0), ("void", 333_33, 0), ("void", 333_33, 0), ("void", 300_00, 0)]
    assert office.broken_rules() == []


def test_staff_look_through_the_customers_eyes_and_touch_nothing(site: Site, visit: Visit, watch: Watch) -> None:
    bill = site.offices[SLUG].bill(77_00)
    page = visit(SLUG)
    go_to_work(page, site, "Vera", "support")
    page.goto(f"admin/customers?q={bill.email}")
    page.get_by_role("main").get_by_role("link", name="Riverside Bakery").first.click()
    page.get_by_role("link", name="See what they see").click()
    assert_fits(page)
    page.get_by_role("button", name=f"Look as {bill.email}").click()
    heading(page, "Your payments")
    expect(page.get_by_role("region", name="You look as a customer")).to_contain_text(
        f"You see what {bill.email} sees."
    )
    expect(page.get_by_role("main").get_by_text("$77.00").first).to_be_visible()
    assert_fits(page)
    page.get_by_role("main").get_by_role("link", name=re.compile("Pay")).first.click()
    expect(page.get_by_text("Nothing can be changed or paid until you stop looking.")).to_be_visible()
    assert_fits(page)
    assert [said[-11:] for said in watch.complaints] == ["(Forbidden)"]
    watch.complaints.clear()
    page.get_by_role("button", name="Stop looking").click()
    expect(page.get_by_text("You look at the portal as yourself again.")).to_be_visible()
    expect(page.locator("#history")).to_contain_text("Looked at the portal as the insured")
    expect(page.locator("#history")).to_contain_text("Stopped looking as the insured")
    assert site.offices[SLUG].claims(bill.invoice_id) == []


def test_two_customers_become_one_and_a_new_zip_counts(site: Site, visit: Visit) -> None:
    keep_id = new_customer(site, "Tidewater Marine LLC", "uma@tidewater.example")
    gone_id = new_customer(
        site, "Tidewater Marine, L.L.C.", "vic@tidewater.example", policy_number="TWM 4410077", postal_code="10001"
    )
    page, guest = visit(SLUG), visit(SLUG)
    go_to_work(page, site, "Mira", "admin")
    page.goto(f"admin/customers/{keep_id}")
    page.get_by_role("link", name="Merge with another customer").click()
    assert_fits(page)
    page.get_by_role("link", name="Tidewater Marine, L.L.C.").click()
    heading(page, "Merge these customers?")
    assert_fits(page)
    page.get_by_role("button", name=re.compile("^Merge ")).click()
    expect(page.get_by_text("They are one customer now.")).to_be_visible()
    expect(page.locator("#programs")).to_contain_text("Tidewater Marine, L.L.C.'s package")
    page.goto(f"admin/customers/{gone_id}")
    heading(page, "Tidewater Marine LLC")

    page.get_by_role("link", name="Edit name, contact and address").click()
    assert_fits(page)
    page.get_by_label("ZIP").fill("abc")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert_fits(page)
    page.get_by_label("ZIP").fill("02840")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    guest.goto("pay-a-policy")
    guest.get_by_label("Policy number").fill("TWM 4410077")
    guest.get_by_label("ZIP code").fill("02840")
    guest.get_by_role("button", name="Find the policy").click()
    expect(guest.get_by_role("heading", level=1)).to_contain_text("Insurance of")
    assert site.offices[SLUG].broken_rules() == []
