"""What a browser complains about, and what axe finds on a page."""

from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page

AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text()
REFUSED = "Failed to load resource: the server responded with a status of "
EXPECTED = ("404", "410", "422")


class Watch:
    """Collects script errors, console errors and policy violations of every page it is put on."""

    def __init__(self) -> None:
        self.complaints: list[str] = []

    def over(self, page: Page) -> None:
        """Watch a page from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        """An error that the browser reports; an answer that is meant to say no is none."""
        if message.type != "error":
            return
        status = message.text.removeprefix(REFUSED)[:3] if message.text.startswith(REFUSED) else ""
        if status not in EXPECTED:
            self.complaints.append(f"{message.location.get('url')}: {message.text}")


def axe_findings(page: Page, rules: tuple[str, ...] = ()) -> list[str]:
    """What axe (WCAG 2.2 AA and its best practices) finds in a document, in a line each.

    Args:
        page: `load_axe` has been put on it.
        rules: only these; all by default.
    """
    only = f"runOnly: {list(rules)}" if rules else ""
    found = page.evaluate(f"axe.run(document, {{ iframes: false, resultTypes: ['violations'], {only} }})")["violations"]
    return [f"{wrong['id']}: {[node['html'] for node in wrong['nodes']]}" for wrong in found]


def load_axe(page: Page) -> None:
    """Put axe on the document that is shown now."""
    page.evaluate(f"if (!window.axe) {{ {AXE} }}")


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
