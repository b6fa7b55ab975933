"""Staff and partners who are the same: one pair is merged by itself, one by hand after a look, and both are undone."""

from playwright.sync_api import expect
from sqlalchemy import select

from portal.core.clock import now
from portal.core.tenancy import reading, writing
from portal.partners.models import Partner
from portal.partners.twins import look_for_twins
from portal.programs.models import Program
from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import choose
from tests.browser.test_customers import go_to_work
from tests.browser.test_every_page import assert_fits
from tests.factories.partners import make_partner
from tests.factories.people import make_insured, make_program

SLUG = "harborline"


def test_a_duplicate_is_found_merged_and_undone(site: Site, visit: Visit) -> None:
    office = site.offices[SLUG]
    with writing(office.engine, office.agency.id) as session:
        tern = make_partner(session, "ana@tern-brokers.example", name="Tern Brokers LLC")
        twin = make_partner(session, "bo@tern-brokers.example", name="TERN BROKERS, LLC")
        near = make_partner(session, "cy@tern-brokers.example", name="Tern Brokers LLC", address_line1="9 Oak Street")
        program = make_program(session, make_insured(session, name="Gull Ferry"), partner_id=near.id)
        look_for_twins(session, twin.id, now())
    page = visit(SLUG)
    go_to_work(page, site, "Mira", "admin")
    choose(page, "Settings")
    page.get_by_role("link", name="Merged partners").first.click()
    merged = page.locator("#merged")
    expect(merged).to_contain_text("TERN BROKERS, LLC into Tern Brokers LLC")
    expect(merged).to_contain_text("by itself")
    page.locator("#perhaps").get_by_role("link", name="See what merging Tern Brokers LLC").click()
    expect(page.get_by_role("heading", name="Merge these partners?")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Programs: 1")
    assert_fits(page)
    page.get_by_role("button", name="Merge Tern Brokers LLC into").click()
    expect(merged.get_by_role("button", name="Undo the merge")).to_have_count(2)
    assert partner_of(site, program.id) == tern.id
    assert_fits(page)
    merged.get_by_role("button", name="Undo the merge of Tern Brokers LLC").click()
    expect(merged).to_contain_text("Undone")
    assert partner_of(site, program.id) == near.id
    merged.get_by_role("button", name="Undo the merge of TERN").click()
    expect(merged.get_by_role("button", name="Undo the merge")).to_have_count(0)
    with reading(office.engine, office.agency.id) as session:
        apart = select(Partner.merged_into_id).where(Partner.id.in_([tern.id, twin.id, near.id]))
        assert set(session.scalars(apart)) == {None}


def partner_of(site: Site, program_id: int) -> int | None:
    """Whose a program is."""
    office = site.offices[SLUG]
    with reading(office.engine, office.agency.id) as session:
        return session.get_one(Program, program_id).partner_id
