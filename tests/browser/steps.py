"""What a person does in the portal, one function for each stretch of the way."""

import io
from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, expect
from pypdf import PdfReader

from tests.browser.inbox import Inbox, Mail

FIELDS = "iframe[title='Secure payment input frame']"
BANK = "iframe[title='3-D Secure challenge']"
VISA = "4242424242424242"
DEBIT = "4000056655665556"
DECLINED = "4000000000000002"
NO_FUNDS = "4000000000009995"
CONFIRMED_BY_BANK = "4000000000003220"


def ask_to_sign_in(page: Page, inbox: Inbox, email: str) -> Mail:
    """Type the address and wait for the mail; others may come in between."""
    before = inbox.count(email)
    page.goto("sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="E-mail me a sign-in link").click()
    expect(page.get_by_role("heading", name="Check your e-mail")).to_be_visible()
    return inbox.wait_for_another(email, than=before, leading_to="/sign-in/")


def sign_in(page: Page, inbox: Inbox, email: str) -> None:
    """Sign in by the link of the mail."""
    page.goto(ask_to_sign_in(page, inbox, email).link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your payments")).to_be_visible()


def choose(page: Page, room: str) -> None:
    """Choose from the staff's menu; what waits on their start page may be called alike."""
    page.get_by_role("navigation", name="Staff").get_by_role("link", name=room).click()


def card_fields(page: Page) -> FrameLocator:
    """The processor's own fields."""
    return page.frame_locator(FIELDS)


def bank_page(page: Page) -> FrameLocator:
    """The bank's own page over ours."""
    return page.frame_locator(BANK)


def type_card(page: Page, number: str = VISA) -> None:
    """Fill in the processor's fields."""
    fields = card_fields(page)
    fields.get_by_label("Card number").fill(number)
    fields.get_by_label("Expiration date").fill("12 / 34")
    fields.get_by_label("Security code").fill("123")
    fields.get_by_label("ZIP code").fill("33101")


def say_who_pays(page: Page, name: str, email: str) -> None:
    """Fill in the payer's name and address."""
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your e-mail").fill(email)


def review(page: Page, amount: str, *, with_fee: str = "") -> Locator:
    """Go on to the review; its button that charges."""
    page.get_by_role("button", name=f"Review payment of {amount}").click()
    expect(page.get_by_role("heading", name="Check your payment")).to_be_visible()
    return page.get_by_role("button", name=f"Pay {with_fee or amount}")


def pay_by_link(page: Page, link: str, amount: str, *, card: str = VISA, email: str = "cleo@books.example") -> Locator:
    """Open a payment link and go as far as the review; its button that charges."""
    page.goto(link)
    say_who_pays(page, "Cleo Counts", email)
    type_card(page, card)
    return review(page, amount)


def expect_paid(page: Page, amount: str) -> None:
    """The page says that it is done."""
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Thank you. You paid {amount}")


def download(page: Page, link: Locator) -> str:
    """Save what a link to a PDF leads to, and read it."""
    with page.expect_download() as saved:
        link.click(modifiers=["Alt"])
    return pdf_text(Path(saved.value.path()).read_bytes())


def pdf_text(data: bytes) -> str:
    """The words of a PDF, one space between them."""
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(data)).pages).split())
