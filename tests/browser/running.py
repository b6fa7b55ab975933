"""The whole portal as real processes, for the browser tests: web, worker, Stripe sandbox and inbox, on demo data."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.cli.demo import running_demo
from portal.cli.demo_settings import Ports
from portal.settings import Settings
from tests.browser.inbox import Inbox
from tests.browser.office import Office
from tests.browser.processor import ProcessorBooks

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


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


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
