"""The whole portal as real processes, for the browser tests: web, worker, Stripe sandbox and inbox, on demo data."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.cli.demo import running_demo
from portal.cli.demo_settings import Ports
from portal.settings import Settings
from tests.browser.inbox import Inbox
from tests.browser.office import Office
from tests.browser.processor import ProcessorBooks
from tests.factories.ports import free_ports

AGENCIES = ("harborline", "juniper-oak")
ANSWER_WITHIN_SECONDS = 2.0
"""How long the portal waits for the processor in these tests; thirty seconds would be too long to watch."""


@dataclass(frozen=True)
class Site:
    """A running portal, and a look behind each of its parts."""

    settings: Settings
    inbox: Inbox
    processor: ProcessorBooks
    offices: dict[str, Office]

    def url(self, slug: str, path: str = "") -> str:
        """An agency's page."""
        return f"{self.settings.base_url}/{slug}/{path}"


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """Start everything on free ports; stopped at the end.

    Args:
        folder: for databases, secrets and logs.
    """
    with running_demo(folder, Ports(*free_ports(5))) as (_processes, settings):
        offices = {slug: Office(settings, slug) for slug in AGENCIES}
        yield Site(settings, Inbox(settings.inbox_url), ProcessorBooks(settings.stripe_sandbox_url), offices)
        for office in offices.values():
            office.close()
