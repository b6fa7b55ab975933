"""By keyboard alone: the order of the stops, a focus that is seen, the skip link, and a payment from start to end."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import VISA, card_fields, expect_paid, sign_in

OFFICE = "juniper-oak"
MOST_STOPS = 60
STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect(), look = getComputedStyle(at);
  const before = window.stopBefore;
  window.stopBefore = at;
  const label = at.labels && at.labels[0] && at.labels[0].innerText;
  const follows = !before || before === at || before.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING;
  const fitsAcross = box.width > 0 && box.left >= 0 && box.right <= innerWidth + 1;
  return {
    what: (label || at.getAttribute("aria-label") || at.innerText || at.title || at.id).trim().split("\\n")[0],
    isFrame: at.tagName === "IFRAME",
    isInOrder: Boolean(follows),
    isInSight: fitsAcross && box.top >= 0 && box.bottom <= innerHeight + 1,
    outline: look.outlineStyle === "none" ? 0 : parseFloat(look.outlineWidth),
  };
}"""


def stops(page: Page) -> list[str]:
    """Press Tab through the page; what is stopped at. Each stop is in order, in sight, and has a ring of 3 px."""
    found: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            return found
        assert stop["isInOrder"], (found, stop)
        assert stop["isInSight"], stop
        assert stop["isFrame"] or stop["outline"] >= 3, stop
        if not found or found[-1] != stop["what"]:
            found.append(stop["what"])
    raise AssertionError(f"no end: {found}")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_each_stop_is_in_order_and_seen(site: Site, visit: Visit, phone: bool) -> None:
    bill = site.offices[OFFICE].bill(88_00, "Notary bond")
    page = visit(OFFICE, phone=phone, dark=phone)
    page.goto("")
    first = ["Skip to main content", "Juniper & Oak Insurance", "Call us:", "Español"]
    assert stops(page)[:6] == [*first, "Sign in by e-mail", "Pay with a policy number"]
    page.goto("pay-a-policy")
    assert stops(page)[4:7] == ["Policy number", "ZIP code of the insured", "Find the policy"]
    page.goto(bill.link)
    expect(card_fields(page).get_by_label("Card number")).to_be_visible()
    assert stops(page)[4:9] == [
        "Notary bond",
        "Your name",
        "Your e-mail",
        "Secure payment input frame",
        "Review payment of $88.00",
    ]
    sign_in(page, site.inbox, bill.email)
    page.locator("h1").evaluate("heading => heading.blur()")
    page.reload()
    assert stops(page)[:7] == [*first, "Account", "Pay $88.00", "To pay"]


def test_the_skip_link_leads_past_the_header(site: Site, visit: Visit) -> None:
    page = visit(OFFICE)
    page.goto("pay-a-policy")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Policy number")).to_be_focused()


def test_a_payment_by_keyboard_alone(site: Site, visit: Visit) -> None:
    bill = site.offices[OFFICE].bill(88_00)
    page = visit(OFFICE)
    page.goto(bill.link)
    expect(card_fields(page).get_by_label("Card number")).to_be_visible()
    tab = page.keyboard.press
    for _ in range(5):
        tab("Tab")
    expect(page.get_by_role("checkbox")).to_be_focused()
    tab("Space")
    expect(page.locator("#pay-total")).to_contain_text("$0.00")
    tab("Space")
    for typed in "Cleo Counts", "cleo@keys.example":
        tab("Tab")
        page.keyboard.type(typed)
    tab("Tab")  # card or bank account
    for typed in VISA, "1234", "123", "33101":
        tab("Tab")
        page.keyboard.type(typed)
    tab("Tab")  # the sandbox's list of test cards
    tab("Tab")
    expect(page.get_by_role("button", name="Review payment of $88.00")).to_be_focused()
    tab("Enter")
    expect(page.get_by_role("heading", name="Check your payment")).to_be_focused()
    for name in "what to pay", "who pays", "the card":
        tab("Tab")
        expect(page.get_by_role("button", name=name)).to_be_focused()
    tab("Tab")
    expect(page.get_by_role("button", name="Pay $88.00")).to_be_focused()
    tab("Enter")
    expect_paid(page, "$88.00")


def test_a_mistake_takes_the_focus_and_leads_to_its_field(site: Site, visit: Visit) -> None:
    page = visit(OFFICE)
    page.goto("pay-a-policy")
    page.get_by_role("button", name="Find the policy").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page).to_have_title("Error: Pay with a policy number – Juniper & Oak Insurance")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Policy number")).to_be_focused()


def test_escape_closes_the_account_menu(site: Site, visit: Visit) -> None:
    page = visit(OFFICE)
    sign_in(page, site.inbox, site.offices[OFFICE].bill(88_00).email)
    account = page.locator("summary").filter(has_text="Account")
    account.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(account).to_be_focused()
