"""Every page behind Settings is changed in a real browser, its effect seen, and what was there put back."""

from playwright.sync_api import Page, expect

from tests.browser.running import Site
from tests.browser.test_every_page import assert_fits
from tests.browser.test_settings import admin as admin
from tests.browser.test_staff import heading


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
