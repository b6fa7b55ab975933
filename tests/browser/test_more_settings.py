"""Every page behind Settings is changed in a real browser, its effect seen, and what was there put back."""

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.agencies.models import StaffMember
from portal.core.tenancy import reading
from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.test_every_page import assert_fits
from tests.browser.test_settings import SLUG
from tests.browser.test_settings import admin as admin
from tests.browser.test_staff import heading
from tests.browser.test_third_party import look_up


def open_room(page: Page, link: str, title: str) -> None:
    """Go to a page behind Settings."""
    page.get_by_role("main").get_by_role("link", name=link).click()
    heading(page, title)


def refuse_then_keep(page: Page, label: str, wrong: str, right: str, said: str) -> None:
    """Type what cannot be, see why, type what can, and find it again; what was there is put back."""
    field = page.get_by_label(label, exact=True)
    stored = field.input_value()
    field.fill(wrong)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").first).to_contain_text(said)
    expect(field).to_have_value(wrong)
    for value in (right, stored):
        field.fill(value)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        page.reload()
        expect(field).to_have_value(value)


def api_status(site: Site, key: str) -> int:
    """What the API answers whoever shows this key."""
    asked = urllib.request.Request(site.url(SLUG, "api/v1/programs"), headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(asked) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_mail_gets_words_of_its_own_is_tried_out_and_gets_the_standard_words_again(admin: Page, site: Site) -> None:
    admin.get_by_role("link", name="Mail texts").click()
    heading(admin, "Mail texts")
    assert_fits(admin)
    admin.get_by_role("link", name="Receipt: Spanish").click()
    heading(admin, "Receipt · Spanish")
    admin.get_by_label("Subject").fill("Gracias, {nombre}: {amount}, {date}")
    expect(admin.locator("#preview")).to_contain_text("This mail has no {nombre}.")
    admin.get_by_label("Subject").fill("Gracias, {name}: {amount}, {date}")
    admin.get_by_label("First paragraph").fill("Hola {name}:\n\n¡muchas gracias!")
    frame = admin.frame_locator("iframe[title='Mail, Dark']")
    expect(frame.get_by_text("Hola Sample Bakery LLC:")).to_have_css("color", "rgb(240, 243, 246)")
    expect(admin.locator("#preview")).to_contain_text("Gracias, Sample Bakery LLC: $412.50, ")
    assert_fits(admin)
    admin.get_by_role("button", name="Send me a test").click()
    sent = admin.get_by_text("A test is on its way to")
    expect(sent).to_be_visible()
    address = sent.inner_text().partition(" to ")[2].partition(". Nothing")[0]
    mail = site.inbox.wait_for(address, "Test: Gracias, Sam Newman: $412.50, ")
    assert mail.text.startswith("Hola Sam Newman:\n\n¡muchas gracias!\n")
    expect(admin.get_by_label("First paragraph")).to_have_value("Hola {name}:\n\n¡muchas gracias!")
    admin.get_by_role("button", name="Save as a new version").click()
    expect(admin.get_by_text("Saved as a new version.")).to_be_visible()
    expect(admin.locator("#versions")).to_contain_text("· in use")
    admin.get_by_role("link", name="the standard text").click()
    expect(admin.get_by_label("Subject")).to_have_value("")
    admin.get_by_role("button", name="Save as a new version").click()
    expect(admin.get_by_text("have the standard words again.")).to_be_visible()
    expect(admin.locator("#versions")).to_contain_text("standard text · in use")
    assert_fits(admin)


def test_where_checks_go_is_refused_kept_and_every_admin_hears_of_it(admin: Page, site: Site) -> None:
    open_room(admin, "Check and wire", "Paying us by check or wire")
    assert_fits(admin)
    office = site.offices[SLUG]
    with reading(office.engine, office.agency.id) as session:
        query = select(StaffMember.email).where(StaffMember.name == "Sam Newman").order_by(StaffMember.id.desc())
        me = session.scalars(query.limit(1)).one()
    names = ("Payable to", "Bank", "Routing number", "Account number")
    fields = [admin.get_by_label(name, exact=True) for name in names]
    stored = [field.input_value() for field in fields]
    for wished, said in (
        (["Oak Trust", "First Bank", "123456789", "445566"], ""),
        (["Oak Trust", "First Bank", "021000021", "445566"], "Saved."),
        (stored, "Saved."),
    ):
        for field, value in zip(fields, wished, strict=True):
            field.fill(value)
        admin.get_by_role("button", name="Save").click()
        if said:
            expect(admin.get_by_text(said)).to_be_visible()
            admin.reload()
        else:
            expect(admin.get_by_role("alert").first).to_be_visible()
        for field, value in zip(fields, wished, strict=True):
            expect(field).to_have_value(value)
    site.inbox.wait_for(me, "Where checks and wires go was changed")


def test_a_carrier_comes_into_the_list_and_is_taken_off(admin: Page) -> None:
    open_room(admin, "Lists", "Carriers")
    assert_fits(admin)
    admin.get_by_label("Name", exact=True).fill("Zebra Mutual of Boone")
    admin.get_by_role("button", name="Add it").click()
    expect(admin.get_by_text("“Zebra Mutual of Boone” stands in the list.")).to_be_visible()
    admin.goto("admin/programs/new")
    expect(admin.locator("datalist option[value='Zebra Mutual of Boone']").first).to_be_attached()
    admin.goto("admin/kept-lists")
    admin.locator("#offered").get_by_role("button", name="Zebra Mutual of Boone").click()
    expect(admin.get_by_text("It is off the list.")).to_be_visible()
    expect(admin.locator("#offered")).not_to_contain_text("Zebra Mutual of Boone")
    expect(admin.locator("#others")).to_contain_text("Zebra Mutual of Boone")


def test_a_key_opens_the_api_until_it_is_ended(admin: Page, site: Site) -> None:
    open_room(admin, "API keys", "API keys")
    admin.get_by_label("What is it for?").fill("Ledger of the browser")
    admin.get_by_role("button", name="Make the key").click()
    expect(admin.get_by_role("alert").first).to_contain_text("Choose what the key may do.")
    admin.get_by_label("Read programs and policies").check()
    admin.get_by_role("button", name="Make the key").click()
    key = admin.locator("#token").inner_text()
    assert_fits(admin)
    assert api_status(site, key) == 200
    assert api_status(site, key + "x") == 401
    admin.get_by_role("link", name="I have saved it").click()
    expect(admin.locator("#token")).to_have_count(0)
    admin.get_by_role("button", name="Ledger of the browser").click()
    expect(admin.get_by_text("The key works no more.")).to_be_visible()
    assert api_status(site, key) == 401


def test_look_ups_are_closed_and_opened_and_the_audit_knows_by_whom(admin: Page, site: Site, visit: Visit) -> None:
    program = site.offices[SLUG].open_program("J-021")
    open_room(admin, "Payments without an account", "What to tell your customers")
    admin.get_by_role("button", name="Close it to third parties").click()
    expect(admin.get_by_text("Nobody can look up policies any more. Payment links still work.")).to_be_visible()
    assert_fits(admin)
    guest = visit(SLUG, phone=True)
    look_up(guest, program.policy_number, program.postal_code)
    expect(guest.get_by_role("alert")).to_be_visible()
    admin.get_by_role("button", name="Open it to third parties").click()
    expect(admin.get_by_text("Anyone with a policy number and the ZIP can pay again.")).to_be_visible()
    look_up(guest, program.policy_number, program.postal_code)
    expect(guest.get_by_role("heading", level=1)).to_contain_text("Insurance of")

    admin.get_by_role("link", name="Audit", exact=True).first.click()
    heading(admin, "Audit")
    admin.get_by_label("What").select_option(label="Look-ups by third parties switched")
    admin.get_by_role("button", name="Show", exact=True).click()
    entries = admin.get_by_role("region", name="Entries")
    expect(entries).to_contain_text("@staff.example")
    expect(entries.get_by_text("Look-ups by third parties switched")).to_have_count(2)
    assert_fits(admin)


@pytest.mark.parametrize(
    ("link", "title", "label", "wrong", "right", "said"),
    [
        ("Past due", "Past due", "Fee for a reinstatement", "999.00", "25.00", "250.00"),
        ("Commissions and statements", "Commissions and statements of partners", "Day of the month", "29", "28", "28"),
    ],
    ids=["late", "commissions"],
)
def test_rules_are_refused_kept_and_put_back(
    admin: Page, link: str, title: str, label: str, wrong: str, right: str, said: str
) -> None:
    open_room(admin, link, title)
    assert_fits(admin)
    refuse_then_keep(admin, label, wrong, right, said)
