"""What people call a browser."""

import pytest

from portal.web.browser_names import browser_name

CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 {}Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME.format("Windows NT 10.0; Win64; x64", ""), "Chrome on Windows"),
        (CHROME.format("Windows NT 10.0; Win64; x64", "Edg/150.0 "), "Edge on Windows"),
        (CHROME.format("Linux; Android 15; Pixel 9", "Mobile "), "Chrome on Android"),
        (CHROME.format("X11; CrOS x86_64", ""), "Chrome on Chromebook"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/150.0 Mobile Safari/604.1", "Chrome on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox on Linux"),
        ("Firefox/1.0", "Firefox"),
        ("curl/8.5", "Unknown browser"),
        ("", "Unknown browser"),
        ("%(browser)s %s", "Unknown browser"),
    ],
)
def test_a_browser_is_named_as_people_name_it(user_agent: str, name: str) -> None:
    assert str(browser_name(user_agent)) == name
