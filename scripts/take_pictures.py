"""Take the pictures of README and docs anew: starts the whole demo on a fresh folder and goes through it.

Run it by `make pictures`. The pictures are kept small: WebP, half the pixels of a sharp screen.
"""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from scripts.find_chromium import FLAGS, find_or_install
from tests.browser.running import Site, running_site
from tests.browser.steps import ask_to_sign_in, expect_paid, review, sign_in, type_card

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
DESK: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}
QUALITY = 82


def keep(page: Page, name: str) -> None:
    """Look at a page as it is."""
    page.evaluate("window.scrollTo(0, 0)")
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.webp"
    picture.convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)
    print(f"{path.name}: {picture.width} × {picture.height}, {path.stat().st_size // 1000} kB")


@contextmanager
def visit(browser: Browser, url: str, size: ViewportSize, *, dark: bool = False) -> Iterator[Page]:
    """A browser of its own at an agency's portal."""
    context = browser.new_context(
        base_url=url,
        viewport=size,
        color_scheme="dark" if dark else "light",
        device_scale_factor=2 if size is PHONE else 1,
    )
    yield context.new_page()
    context.close()


def take(site: Site, browser: Browser) -> None:
    """Go through the demo as its people do."""
    with visit(browser, site.url("juniper-oak"), DESK) as page:
        sign_in(page, site.inbox, "maria@riverbend-bakery.example")
        keep(page, "home")
        page.get_by_role("link", name="Premium audit, workers compensation", exact=True).first.click()
        page.get_by_role("link", name="Pay $418.36").click()
        type_card(page)
        button = review(page, "$418.36", with_fee="$430.79")
        keep(page, "review")
        button.click()
        expect_paid(page, "$430.79")
        keep(page, "paid")
    with visit(browser, site.url("harborline"), PHONE, dark=True) as page:
        sign_in(page, site.inbox, "dev@kessler-holdings.example")
        keep(page, "phone-home")
    with visit(browser, site.url("juniper-oak"), PHONE) as page:
        page.goto("pay-a-policy")
        keep(page, "phone-lookup")


def take_staff(site: Site, browser: Browser) -> None:
    """Come in as an administrator does for the first time, by mail and an authenticator app."""
    with visit(browser, site.url("harborline"), DESK) as page:
        page.goto(ask_to_sign_in(page, site.inbox, "nadia@harborline.example").link)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Use an authenticator app").click()
        seed = page.locator("#seed").inner_text().replace(" ", "")
        page.get_by_label("Code from your app").fill(pyotp.TOTP(seed).now())
        page.get_by_role("button", name="Connect the app").click()
        page.get_by_role("button", name="Show my recovery codes").click()
        page.get_by_role("link", name="I have saved them").click()
        page.goto("admin/")
        keep(page, "staff-home")
        page.goto("admin/programs")
        keep(page, "staff-programs")
        page.get_by_role("link", name="Tidewater Print Shop LLC").first.click()
        page.wait_for_load_state()
        keep(page, "staff-program")


def take_partner(site: Site, browser: Browser) -> None:
    """Come in as a retailer's admin."""
    with visit(browser, site.url("harborline"), DESK) as page:
        page.goto(ask_to_sign_in(page, site.inbox, "dana@northgate-risk.example").link)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state()
        keep(page, "partner-home")


def main() -> None:
    """Start everything, take the pictures, stop everything."""
    chromium = find_or_install()
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        take(site, browser)
        take_staff(site, browser)
        take_partner(site, browser)
        browser.close()


if __name__ == "__main__":
    main()
