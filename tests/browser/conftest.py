"""One running portal for all browser tests, and a Chromium to visit it with. A missing Chromium fails the tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from scripts.find_chromium import FLAGS, NoChromium, find
from tests.browser.running import ANSWER_WITHIN_SECONDS, Site, running_site
from tests.browser.watching import Watch

Visit = Callable[..., Page]
"""visit(slug, phone=False, dark=False, script=True): a page of a browser of its own, at an agency's portal."""
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is below this folder is marked."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium of this machine.

    Raises:
        NoChromium: there is none.
    """
    found = find()
    if found is None:
        raise NoChromium("The browser tests need Chromium: run them by 'make browser', which installs one.")
    return {**browser_type_launch_args, "executable_path": found, "args": list(FLAGS)}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The running portal."""
    folder = tmp_path_factory.mktemp("portal")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PORTAL_PROCESSOR_TIMEOUT_SECONDS", str(ANSWER_WITHIN_SECONDS))
        environment.setenv("PORTAL_DATA_DIR", str(folder))
        with running_site(folder) as running:
            yield running


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test at its end when a browser complained on the way."""
    watching = Watch()
    yield watching
    assert watching.complaints == []


@pytest.fixture
def visit(new_context: Callable[..., BrowserContext], site: Site, watch: Watch) -> Visit:
    """Open a browser of its own."""
    expect.set_options(timeout=15_000)
    for office in site.offices.values():
        office.forget_networks()

    def open_page(slug: str, *, phone: bool = False, dark: bool = False, script: bool = True) -> Page:
        context = new_context(
            base_url=site.url(slug),
            viewport=PHONE if phone else DESK,
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",  # colours change at once
        )
        page = context.new_page()
        watch.over(page)
        return page

    return open_page
