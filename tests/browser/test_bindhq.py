"""A policy that is bound in BindHQ arrives as a program, and what is paid goes back as a receipt.

Connected, mapped, failed and mended, endorsed, voided. Each journey connects where nobody has yet, so that each runs
alone and after the others.
"""

import json
import re
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import expect_paid, pay_by_link
from tests.browser.test_every_page import assert_fits
from tests.browser.test_staff import come_by_mail, heading, hire, plug_in

SLUG = "juniper-oak"
PATIENCE_SECONDS = 180
"""The portal looks once a minute, where no webhook tells it sooner."""
KINDS = ("coverage", "carrier", "marketing_company")


def there(site: Site, path: str, **fields: Any) -> dict[str, Any]:
    """Something happens at BindHQ."""
    url = f"{site.settings.bindhq_sandbox_url}/sandbox/{path}"
    body = json.dumps(fields).encode()
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def until(page: Page, there_is: Callable[[], bool]) -> None:
    """Load the page again until something has arrived."""
    last = time.monotonic() + PATIENCE_SECONDS
    while not there_is():
        assert time.monotonic() < last, page.locator("main").inner_text()
        page.wait_for_timeout(500)
        page.reload()


def enter(page: Page, site: Site) -> None:
    """An admin comes in, with a passkey."""
    plug_in(page)
    come_by_mail(page, site, hire(site, "Ida", "admin", SLUG))
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("button", name="Show my recovery codes").click()
    page.get_by_role("link", name="I have saved them").click()
    heading(page, "Hello, Ida Newman")


def connect(page: Page, site: Site) -> None:
    page.goto("admin/bindhq")
    page.get_by_label("BindHQ URL").fill(f"{site.settings.bindhq_sandbox_url}/api/v2")
    page.get_by_label("Client code").fill("mymga")
    page.get_by_label("API key", exact=True).fill("bhq_sandbox_key")
    page.get_by_label("Webhook secret").fill("a secret of both")
    page.get_by_label("BindHQ is switched on").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The connection to BindHQ is saved.")).to_be_visible()
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("BindHQ answers: client mymga")).to_be_visible()
    assert_fits(page)
    there(site, "settings", webhook_url=page.locator("#webhook code").inner_text(), webhook_secret="a secret of both")
    page.get_by_role("link", name="Choose the account").click()
    page.get_by_label("Portal FBO").check()
    page.get_by_role("button", name="Use this account").click()
    expect(page.get_by_text("Receipts go to “Portal FBO”.")).to_be_visible()


def map_names(page: Page, kind: str) -> None:
    """Take what is suggested; what is mapped already stays."""
    page.goto(f"admin/bindhq/mappings?kind={kind}")
    assert_fits(page)
    page.get_by_role("button", name="Save the names").click()
    expect(page.get_by_text(re.compile("Mapped: |Nothing was changed."))).to_be_visible()


def forget_marketing_company(page: Page) -> None:
    """Nobody has said yet what it is here."""
    page.goto("admin/bindhq/mappings?kind=marketing_company")
    page.get_by_label("Sample Surplus Brokers").fill("")
    page.get_by_role("button", name="Save the names").click()
    expect(page.get_by_text(re.compile("Mapped: |Nothing was changed."))).to_be_visible()


def be_ready(page: Page, site: Site) -> None:
    """Connected, with every name mapped, whether or not another journey has been here."""
    page.goto("admin/bindhq")
    if not page.get_by_label("BindHQ is switched on").is_checked():
        connect(page, site)
    for kind in KINDS:
        map_names(page, kind)


def open_import(page: Page, policy: dict[str, Any], state: str) -> None:
    """The page of a policy's import, once it has come that far."""
    page.goto(f"admin/imports?show=all&q={policy['id']}")
    link = page.get_by_role("link", name=policy["insured"]["name"])
    until(page, link.is_visible)
    link.click()
    until(page, page.locator("#about").get_by_text(state, exact=True).is_visible)


def test_from_bound_to_program_endorsed_and_voided(site: Site, visit: Visit) -> None:
    page = visit(SLUG)
    enter(page, site)
    connect(page, site)
    for kind in ("coverage", "carrier"):
        map_names(page, kind)
    forget_marketing_company(page)
    policy = there(site, "policies")
    page.goto("admin/programs")
    card = page.locator("#incomplete-quotes")
    until(page, lambda: card.count() > 0 and "Failed imports" in card.inner_text())
    assert_fits(page)
    card.get_by_role("link", name="Incomplete Quotes").click()
    page.get_by_role("link", name=policy["insured"]["name"]).click()
    expect(page.get_by_text("Marketing company “Sample Surplus Brokers” is not mapped.")).to_be_visible()
    assert_fits(page)
    address = page.url
    map_names(page, "marketing_company")
    page.goto(address)
    until(page, lambda: page.locator("#about").get_by_text("Imported", exact=True).is_visible())
    page.locator("#about").get_by_role("link", name=f"BHQ-{policy['id']}").click()
    expect(page.get_by_text(policy["policy_number"]).first).to_be_visible()
    program = page.url
    endorsed = there(site, f"policies/{policy['id']}/endorse", premium=150_000)
    until(page, lambda: page.get_by_text("$1,500.00").first.is_visible())
    page.goto("admin/imports?show=all")
    expect(page.get_by_text(f"Endorsement {endorsed['id']}")).to_be_visible()
    assert_fits(page)
    there(site, f"policies/{policy['id']}/void", reason="not taken up")
    page.goto(program)
    until(page, lambda: page.locator("main").get_by_text("Archived").first.is_visible())


def test_a_failed_import_is_mended_and_asked_for_again(site: Site, visit: Visit) -> None:
    page = visit(SLUG)
    enter(page, site)
    be_ready(page, site)
    policy = there(site, "policies", policy_number=None)
    open_import(page, policy, "Failed")
    expect(page.get_by_text("Policy number is missing.")).to_be_visible()
    there(site, f"policies/{policy['id']}/change", policy_number="CPS 0099887")
    page.get_by_role("button", name="Re-sync data").click()
    until(page, page.locator("#about").get_by_text("Imported", exact=True).is_visible)
    page.locator("#about").get_by_role("link", name=f"BHQ-{policy['id']}").click()
    expect(page.get_by_text("CPS 0099887").first).to_be_visible()


def test_what_is_paid_and_paid_out_is_a_receipt_in_bindhq_until_it_is_void_and_refunded(
    site: Site, visit: Visit
) -> None:
    page = visit(SLUG)
    enter(page, site)
    be_ready(page, site)
    policy = there(site, "policies", premium=987_600)
    open_import(page, policy, "Imported")
    page.locator("#about").get_by_role("link", name=f"BHQ-{policy['id']}").click()
    link, program = page.locator("#payment-link").input_value(), page.url
    payer = visit(SLUG)
    pay_by_link(payer, link, "$9,876.00").click()
    expect_paid(payer, "$9,876.00")
    page.reload()
    reference = page.locator("#payments").get_by_role("link", name=re.compile("^P-")).first.inner_text()
    site.processor.pay_out(SLUG)
    books = visit(SLUG)
    books.goto(site.settings.bindhq_sandbox_url)
    row = books.locator("section[aria-labelledby=receipts] tr", has_text=reference)
    until(books, row.is_visible)
    expect(row).to_contain_text("9876.00")
    expect(row).to_contain_text("applied")
    page.goto("admin/settings/bindhq/runs")
    assert_fits(page)
    expect(page.locator("#runs").get_by_text("Receipts").first).to_be_visible()

    there(site, f"policies/{policy['id']}/void", reason="not taken up")
    page.goto(program)
    until(page, page.locator("main").get_by_text("Archived").first.is_visible)
    page.goto("admin/attention")
    expect(page.locator("main")).to_contain_text(
        re.compile(f"{policy['policy_number']}.*Refund the payment", re.DOTALL)
    )
    assert_fits(page)
    page.goto(program)
    page.locator("#payments").get_by_role("link", name=reference).click()
    page.get_by_role("link", name="Refund").click()
    page.get_by_label("The coverage was changed or canceled").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Refund $9,876.00").click()
    expect(page.locator("#money-back")).to_contain_text("$9,876.00")
    until(books, lambda: "voided" in row.inner_text())
