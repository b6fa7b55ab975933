"""Staff change a program: due date, endorsements, premium that comes back, cancelation, archive; the books hold."""

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.cli.demo_late import NOTICED
from portal.core import clock
from portal.core.tenancy import reading
from portal.invoices.models import Invoice
from portal.programs.links import current_links
from portal.programs.models import Program
from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import DEBIT, expect_paid, pay_by_link
from tests.browser.test_accountants import enter
from tests.browser.test_every_page import assert_fits

OFFICE, LENDING = "juniper-oak", "harborline"
TOTAL = "$12,908.38"
UNPAID = "H-016"
"""A customer whose invoice is past due, and of whom no other journey knows."""


def act(page: Page, program_id: int, action: str) -> None:
    """Open an action from the program's page."""
    page.goto(f"admin/programs/{program_id}")
    page.locator("#actions").get_by_role("link", name=action, exact=True).click()
    assert_fits(page)


def go_on(page: Page, button: str, says: str) -> None:
    """From the form to the page that says what follows, then do it."""
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text(says)).to_be_visible()
    assert_fits(page)
    agree(page, button)


def agree(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()
    expect(page.locator("#actions")).to_be_visible()


def pay_in_full(site: Site, visit: Visit, program_id: int) -> None:
    office = site.offices[OFFICE]
    with reading(office.engine, office.agency.id) as session:
        (link,) = (found.token for found in current_links(session, program_ids=[program_id]))
    payer = visit(OFFICE)
    pay_by_link(payer, f"pay/{link}", TOTAL, card=DEBIT).click()
    expect_paid(payer, TOTAL)


def test_a_program_from_its_due_date_to_its_cancelation(site: Site, visit: Visit) -> None:
    office, email = site.offices[OFFICE], "olga@kilns.example"
    program_id = office.open_financeable(email)
    page = visit(OFFICE)
    enter(page, site, "Greta")
    act(page, program_id, "Change a due date")
    page.get_by_label("New due date").fill((clock.now() + timedelta(days=20)).date().isoformat())
    go_on(page, "Change the due date", f"{TOTAL} are due on")
    site.inbox.wait_for(email, f"New due date: {TOTAL}")
    page.goto(f"admin/programs/{program_id}")
    page.locator("#actions summary").click()
    assert_fits(page)
    pay_in_full(site, visit, program_id)

    act(page, program_id, "Endorse a policy")
    page.get_by_label("General liability").check()
    page.get_by_label("What changes").fill("Added a second kiln")
    page.get_by_label("It costs more: one invoice").check()
    page.get_by_label("Premium", exact=True).fill("450")
    go_on(page, "Make the endorsement", "An invoice of $450.00 is due on")
    site.inbox.wait_for(email, "Your policy has changed: $450.00 to pay")
    act(page, program_id, "Void an invoice")
    go_on(page, "Void the invoice", "$450.00 are not owed any more")
    site.inbox.wait_for(email, "You do not have to pay $450.00")

    act(page, program_id, "Endorse a policy")
    page.get_by_label("General liability").check()
    page.get_by_label("What changes").fill("Sold a van")
    page.get_by_label("It costs less: premium comes back").check()
    page.get_by_label("Premium", exact=True).fill("300")
    go_on(page, "Make the endorsement", "Nothing is booked yet")
    act(page, program_id, "Confirm premium that comes back")
    page.get_by_label("The carrier has confirmed it").check()
    go_on(page, "Let it come back", "$300.00 become the customer’s credit")
    site.inbox.wait_for(email, "Your policy has changed: $300.00 come back")

    act(page, program_id, "Cancel for the insured")
    page.get_by_label("Flat").check()
    go_on(page, "Cancel the program", "Comes back in all")
    site.inbox.wait_for(email, "You are no longer covered by")
    expect(page.locator(".page-head").get_by_text("Canceled")).to_be_visible()
    assert office.broken_rules() == []
    with reading(office.engine, office.agency.id) as session:
        query = select(Invoice.id).where(Invoice.program_id == program_id, Invoice.state == "open")
        assert session.scalars(query).all() == []


def test_archived_and_back_and_a_payoff_that_is_quoted(site: Site, visit: Visit) -> None:
    office = site.offices[LENDING]
    program_id = office.open_financeable("petra@looms.example")
    with reading(office.engine, office.agency.id) as session:
        financed = session.scalars(select(Program.id).where(Program.reference == NOTICED.reference)).one()
    page = visit(LENDING)
    enter(page, site, "Ines", LENDING)
    act(page, program_id, "Archive")
    agree(page, "Archive it")
    act(page, program_id, "Take out of the archive")
    agree(page, "Take it out")
    act(page, financed, "Quote an early payoff")
    go_on(page, "Mail the quote", "It goes by mail to")
    site.inbox.wait_for(NOTICED.email, "Pay off your loan by")
    assert office.broken_rules() == []


def test_what_cannot_be_collected_is_written_off(site: Site, visit: Visit) -> None:
    office = site.offices[LENDING]
    program = office.open_program(UNPAID)
    page = visit(LENDING)
    enter(page, site, "Wanda", LENDING)
    act(page, program.id, "Write off")
    page.locator(f"input[name=invoice][value='{program.invoice_id}']").check()
    page.get_by_label("The customer cannot or does not pay").check()
    go_on(page, "Write it off", "The invoice is closed. Nobody is asked for it any more.")
    expect(page.get_by_text("It is written off.")).to_be_visible()
    assert office.state(program.invoice_id) == ("paid", 0)
    assert office.broken_rules() == []


def test_a_program_is_renewed_as_a_draft(site: Site, visit: Visit) -> None:
    page = visit(LENDING)
    enter(page, site, "Renata", LENDING)
    page.goto("admin/programs")
    page.get_by_role("link", name="To renew").click()
    assert_fits(page)
    page.get_by_role("table").get_by_role("link").first.click()
    page.locator("#actions").get_by_role("link", name="Renew", exact=True).click()
    expect(page.get_by_text("Nothing is billed yet.")).to_be_visible()
    assert_fits(page)
    page.get_by_role("button", name="Make the draft").click()
    expect(page.get_by_text("This is the draft of the next term.")).to_be_visible()
    assert_fits(page)
    assert site.offices[LENDING].broken_rules() == []
