"""The Payment Element and 3-D Secure in a real Chromium, on a page with a strict policy."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, expect
from stripe import StripeClient

from portal.sandbox.stripe.server import Running
from tests.sandbox.stripe.pay_page import PayPage
from tests.sandbox.stripe.paying import books, confirm, debit_intent, intent, pay

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "browser/vendor/axe-core/axe.min.js"
FIELDS = "iframe[title='Secure payment input frame']"
BANK = "iframe[title='3-D Secure challenge']"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking --no-first-run "
    "--disable-component-update --disable-sync --disable-quic"
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    installed = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return {**browser_type_launch_args, "args": FLAGS.split(), **({"executable_path": installed} if installed else {})}


@pytest.fixture
def pay_page(sandbox: Running) -> Iterator[PayPage]:
    serving = PayPage(sandbox.url)
    yield serving
    serving.close()


def opened(browser: Browser, url: str, *, dark: bool = False) -> Page:
    """The page on a phone, its Element ready; a mistake on the console fails the test at its end."""
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark" if dark else "light")
    page.goto(url)
    expect(page).to_have_title("ready")
    return page


def fill(page: Page, number: str, zip_code: str | None = "33101") -> None:
    fields = page.frame_locator(FIELDS)
    fields.get_by_label("Card number").press_sequentially(number)
    fields.get_by_label("Expiration date").press_sequentially("1234")
    fields.get_by_label("Security code").press_sequentially("123")
    if zip_code:
        fields.get_by_label("ZIP code").press_sequentially(zip_code)


def token_from(page: Page) -> str:
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("status")).to_contain_text("ctoken_")
    return page.get_by_role("status").inner_text()


def assert_accessible(place: Page | Frame) -> None:
    """Nothing that axe finds in this document; a frame needs no first heading of its own."""
    place.evaluate(AXE.read_text())
    in_frame = isinstance(place, Frame)
    rules = {"page-has-heading-one": {"enabled": not in_frame}}
    found = place.evaluate("rules => axe.run(document, { iframes: false, rules })", rules)["violations"]
    assert [(wrong["id"], [node["html"] for node in wrong["nodes"]]) for wrong in found] == []


def test_a_card_is_typed_and_pays(browser: Browser, pay_page: PayPage, client: StripeClient, sandbox: Running) -> None:
    page = opened(browser, pay_page.url)
    fill(page, "5555555555554444")
    expect(page.frame_locator(FIELDS).get_by_label("Card number")).to_have_value("5555 5555 5555 4444")
    expect(page.frame_locator(FIELDS).get_by_label("Expiration date")).to_have_value("12 / 34")
    made = token_from(page)
    preview = client.v1.confirmation_tokens.retrieve(made).payment_method_preview
    assert (preview.card.brand, preview.card.last4, preview.billing_details.address.postal_code) == (
        "mastercard",
        "4444",
        "33101",
    )
    assert page.evaluate("changes.at(-1)") == {
        "elementType": "payment",
        "empty": False,
        "complete": True,
        "collapsed": False,
        "value": {"type": "card"},
    }
    assert "5555" not in page.content()
    assert confirm(client, intent(client).id, made).status == "succeeded"
    assert books(sandbox)["charged_cents"] == 41_250
    assert page.evaluate("violations") == []
    page.close()


@pytest.mark.parametrize("dark", [False, True])
def test_a_bank_account_is_typed_and_debited(
    browser: Browser, pay_page: PayPage, client: StripeClient, sandbox: Running, dark: bool
) -> None:
    page = opened(browser, f"{pay_page.url}?bank{'&theme=night' if dark else ''}", dark=dark)
    fields = page.frame_locator(FIELDS)
    fields.get_by_role("radio", name="Bank account").check()
    expect(fields.get_by_label("Card number")).to_be_hidden()
    expect(fields.get_by_text("you authorize the business to debit the bank account")).to_be_visible()
    fields.get_by_label("Name on the account").press_sequentially("Ana Diaz")
    fields.get_by_label("Routing number").press_sequentially("110000001")
    fields.get_by_label("Account number").press_sequentially("000123456789")
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("status")).to_have_text("invalid_routing_number")
    frame = next(frame for frame in page.frames if "/elements/" in frame.url)
    if dark:
        frame.evaluate("document.body.style.background = '#14171d'")
    assert_accessible(frame)
    fields.get_by_label("Routing number").fill("110000000")
    made = token_from(page)
    assert page.evaluate("changes.at(-1)")["value"] == {"type": "us_bank_account"}
    read = client.v1.confirmation_tokens.retrieve(made)
    assert read.payment_method_preview.us_bank_account.last4 == "6789"
    assert read.payment_method_preview.billing_details.name == "Ana Diaz"
    assert confirm(client, debit_intent(client).id, made).status == "processing"
    assert page.evaluate("violations") == []
    page.close()


def test_an_account_is_kept_and_verified_by_deposits(
    browser: Browser, pay_page: PayPage, client: StripeClient, sandbox: Running
) -> None:
    page = opened(browser, pay_page.url + "?bank&setup")
    fields = page.frame_locator(FIELDS)
    fields.get_by_role("radio", name="Bank account").check()
    fields.get_by_text("Sandbox: pick a test account").click()
    fields.get_by_role("button", name="•• 6789").click()
    fields.get_by_role("radio", name="Two small deposits").check()
    customer = client.v1.customers.create({}).id
    created = client.v1.setup_intents.create({"customer": customer})
    waiting = client.v1.setup_intents.confirm(
        created.id, {"confirmation_token": token_from(page), "return_url": pay_page.url}
    )
    assert waiting.next_action and waiting.next_action.verify_with_microdeposits
    page.goto(waiting.next_action.verify_with_microdeposits.hosted_verification_url)
    assert_accessible(page)
    for first, second in (("32", "44"), ("45", "32")):
        page.get_by_label("First deposit").fill(first)
        page.get_by_label("Second deposit").fill(second)
        page.get_by_role("button", name="Verify").click()
        if second == "44":
            expect(page.get_by_role("alert")).to_contain_text("9 attempts left")
    expect(page.get_by_role("status")).to_have_text("Done: this account is verified.")
    assert client.v1.setup_intents.retrieve(created.id).status == "succeeded"
    page.close()


def test_saving_a_card_may_ask_its_holder(
    browser: Browser, pay_page: PayPage, client: StripeClient, sandbox: Running
) -> None:
    page = opened(browser, pay_page.url + "?setup")
    fill(page, "4000000000003220")
    created = client.v1.setup_intents.create({"customer": client.v1.customers.create({}).id})
    waiting = client.v1.setup_intents.confirm(
        created.id, {"confirmation_token": token_from(page), "return_url": pay_page.url}
    )
    page.evaluate("secret => { next(secret); }", waiting.client_secret)
    bank = page.frame_locator(BANK)
    expect(bank.get_by_text("Your card is about to be saved")).to_be_visible()
    bank.get_by_role("button", name="Complete").click()
    expect(page.get_by_role("status")).to_have_text("succeeded")
    assert books(sandbox)["charges"] == []
    page.close()


@pytest.mark.parametrize(
    ("button", "said", "charged_cents"),
    [("Complete", "succeeded", 41_250), ("Fail", "payment_intent_authentication_failure", 0)],
)
def test_3d_secure_in_the_page(
    browser: Browser,
    pay_page: PayPage,
    client: StripeClient,
    sandbox: Running,
    button: str,
    said: str,
    charged_cents: int,
) -> None:
    page = opened(browser, pay_page.url)
    fill(page, "4000000000003220")
    waiting = confirm(client, intent(client).id, token_from(page))
    page.evaluate("secret => { next(secret); }", waiting.client_secret)
    bank = page.frame_locator(BANK)
    expect(bank.get_by_text("$412.50")).to_be_visible()
    bank_frame = next(frame for frame in page.frames if "/challenge/" in frame.url)
    assert_accessible(bank_frame)
    bank.get_by_role("button", name=button).click()
    expect(page.get_by_role("status")).to_have_text(said)
    expect(page.locator("dialog")).to_have_count(0)
    assert books(sandbox)["charged_cents"] == charged_cents
    assert page.evaluate("violations") == []
    page.close()


def test_escape_fails_the_challenge(
    browser: Browser, pay_page: PayPage, client: StripeClient, sandbox: Running
) -> None:
    page = opened(browser, pay_page.url)
    fill(page, "4000002500003155")
    waiting = confirm(client, intent(client).id, token_from(page))
    page.evaluate("secret => { next(secret); }", waiting.client_secret)
    expect(page.frame_locator(BANK).get_by_role("button", name="Complete")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("status")).to_have_text("payment_intent_authentication_failure")
    page.close()


@pytest.mark.parametrize("dark", [False, True])
def test_mistakes_are_shown_beside_their_fields(browser: Browser, pay_page: PayPage, dark: bool) -> None:
    page = opened(browser, pay_page.url + ("?theme=night" if dark else ""), dark=dark)
    fields = page.frame_locator(FIELDS)
    before = page.locator(FIELDS).bounding_box()
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("status")).to_have_text("incomplete_number")
    number = fields.get_by_label("Card number")
    expect(number).to_be_focused()
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(number).to_have_accessible_description("Your card number is incomplete.")
    number.press_sequentially("4242424242424241")
    fields.get_by_label("Expiration date").press_sequentially("120")
    expect(number).to_have_accessible_description("Your card number is invalid.")
    frame = next(frame for frame in page.frames if "/elements/" in frame.url)
    if dark:
        # The frame is transparent; axe cannot see the dark page behind it.
        frame.evaluate("document.body.style.background = '#14171d'")
    assert_accessible(frame)
    after = page.locator(FIELDS).bounding_box()
    assert before and after and after["height"] > before["height"], "the frame grows with the messages"
    assert frame.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    assert frame.evaluate("document.documentElement.dataset.theme") == ("night" if dark else "day")
    page.close()


def test_a_test_card_is_filled_in_by_one_press(browser: Browser, pay_page: PayPage, client: StripeClient) -> None:
    page = opened(browser, pay_page.url)
    fields = page.frame_locator(FIELDS)
    fields.get_by_text("Sandbox: pick a test card").click()
    fields.get_by_role("button", name="Visa debit").click()
    preview = client.v1.confirmation_tokens.retrieve(token_from(page)).payment_method_preview
    assert (preview.card.funding, preview.card.last4) == ("debit", "5556")
    page.close()


def test_the_zip_can_be_left_to_the_page(browser: Browser, pay_page: PayPage, client: StripeClient) -> None:
    page = opened(browser, pay_page.url + "?nozip")
    expect(page.frame_locator(FIELDS).get_by_label("ZIP code")).to_be_hidden()
    fill(page, "4242424242424242", zip_code=None)
    preview = client.v1.confirmation_tokens.retrieve(token_from(page)).payment_method_preview
    assert preview.billing_details.address.postal_code is None
    page.close()


def test_a_changed_card_must_be_submitted_again(browser: Browser, pay_page: PayPage) -> None:
    page = opened(browser, pay_page.url)
    fill(page, "4242424242424242")
    token_from(page)
    page.frame_locator(FIELDS).get_by_label("ZIP code").fill("33102")
    refused = page.evaluate("stripe.createConfirmationToken({ elements }).catch((error) => error.name)")
    assert refused == "IntegrationError"
    page.close()


def test_the_redirect_challenge_leads_back(
    browser: Browser, pay_page: PayPage, client: StripeClient, sandbox: Running
) -> None:
    saved = intent(client, payment_method="pm_card_threeDSecure2Required")
    waiting = client.v1.payment_intents.confirm(saved.id, {"return_url": pay_page.url + "?came=back"})
    page = opened(browser, pay_page.url)
    page.evaluate("secret => { next(secret); }", waiting.client_secret)
    page.get_by_role("button", name="Complete").click()
    page.wait_for_url("**/?came=back&payment_intent=*&redirect_status=succeeded")
    assert client.v1.payment_intents.retrieve(waiting.id).status == "succeeded"
    page.close()


@pytest.mark.parametrize("dark", [False, True])
def test_the_console_is_accessible_and_its_buttons_work(
    browser: Browser, client: StripeClient, sandbox: Running, dark: bool
) -> None:
    pay(client, metadata={"payment_id": "1"})
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark" if dark else "light")
    page.goto(sandbox.url)
    page.get_by_role("button", name="20 minutes").click()
    expect(page.get_by_text("0.3 hours ahead")).to_be_visible()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("error before at payment_intents.confirm, 1 left")).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Clear all faults").click()
    expect(page.get_by_text("none are on")).to_be_visible()
    pay(client, amount=99_900)
    expect(page.get_by_text("$999.00")).to_be_visible()
    page.close()
