"""What a first visit loads, as a real Chromium counts it: an empty cache, compressed bytes with their headers."""

import os
import sys
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import sync_playwright

from scripts.find_chromium import FLAGS, NoChromium, find


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes of a page: over the wire, from the portal; of its HTML alone, as written; requests made for it.

    Args:
        processor_bytes: what the payment processor's own script and fields add; not part of `wire_bytes`.
    """

    wire_bytes: int
    html_bytes: int
    requests: int
    processor_bytes: int


def chromium() -> str | None:
    """The Chromium to use, if there is one."""
    try:
        return find(os.environ)
    except NoChromium as error:
        sys.exit(str(error))


def weigh(executable: str, url: str, cookie: str) -> Weight:
    """Load a page in a phone's width and count.

    Args:
        executable: of Chromium.
        url: of the page.
        cookie: name=value, of a browser that has signed in.
    """
    name, _, value = cookie.partition("=")
    origin = "/".join(url.split("/")[:3])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        context = browser.new_context(viewport={"width": 390, "height": 844})
        context.add_cookies([{"name": name, "value": value, "url": origin}])
        page = context.new_page()
        network = context.new_cdp_session(page)
        addresses: dict[str, str] = {}
        loaded: dict[str, int] = {}

        def asked(event: dict[str, Any]) -> None:
            addresses[event["requestId"]] = event["request"]["url"]

        def done(event: dict[str, Any]) -> None:
            loaded[event["requestId"]] = int(event["encodedDataLength"])

        network.on("Network.requestWillBeSent", asked)
        network.on("Network.loadingFinished", done)
        network.send("Network.enable")
        answer = page.goto(url, wait_until="networkidle")
        assert answer is not None and answer.status == 200, url
        html = len(answer.body())
        browser.close()
    ours = [size for request, size in loaded.items() if addresses[request].startswith(f"{origin}/")]
    others = [size for request, size in loaded.items() if addresses[request].startswith("http")]
    return Weight(sum(ours), html, len(ours), sum(others) - sum(ours))
