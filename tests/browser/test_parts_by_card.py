"""While a part of an invoice is typed, no bank account can be chosen, and the page says why."""

from playwright.sync_api import expect

from portal.agencies.part_settings import Limit, Parts, set_parts
from portal.core.tenancy import writing_global
from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import card_fields
from tests.browser.test_every_page import assert_fits

OFFICE = "harborline"
WHY = "A part is paid by card only"


def take_parts(site: Site, parts: Parts) -> None:
    office = site.offices[OFFICE]
    with writing_global(office.engine) as session:
        set_parts(session, office.agency.id, parts)


def test_a_typed_part_takes_the_bank_account_away(site: Site, visit: Visit) -> None:
    bill = site.offices[OFFICE].bill(400_00)
    take_parts(site, Parts(True, Limit(cents=50_00), Limit(basis_points=5_000)))
    page = visit(OFFICE, phone=True)
    amount = page.get_by_label(f"Amount to pay for {bill.number}")
    for _ in range(10):  # the portal knows what was set within five seconds
        page.goto(bill.link)
        if amount.count():
            break
        page.wait_for_timeout(1_000)
    note, bank = page.locator("#part-by-card"), card_fields(page).get_by_text("Bank account", exact=True)
    expect(bank).to_be_visible()
    expect(note).to_be_hidden()
    amount.fill("150")
    expect(note).to_contain_text(WHY)
    expect(bank).to_be_hidden()
    assert_fits(page)
    amount.fill("400")
    expect(note).to_be_hidden()
    expect(bank).to_be_visible()
    take_parts(site, Parts(False))
