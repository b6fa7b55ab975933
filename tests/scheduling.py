"""How tests are dealt out to processes: browser tests of a kind go to one, which starts a portal once for all of them.

Groups by mark (`--dist loadgroup`) are not enough: pytest 9.2 keeps a test's name where xdist 3.8 cannot add a group.
"""

from xdist.scheduler import LoadScopeScheduling

PAGES = ("tests/browser/test_every_page.py", "tests/browser/test_keyboard.py")


class ByPortal(LoadScopeScheduling):
    """Two processes at the most have a running portal: one for the journeys, one for the pages; the others any test."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file in PAGES:
            return "pages"
        return "journeys" if file.startswith("tests/browser/") else nodeid
