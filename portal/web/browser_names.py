"""What people call a browser, from what it calls itself. For recognition only: anyone can write anything there."""

from functools import lru_cache

from portal.core.text import Text, text

# The first that fits: browsers name those before them too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


@lru_cache(maxsize=1024)
def browser_name(user_agent: str) -> Text:
    """ "Chrome on Windows", or that we do not know.

    Args:
        user_agent: the header of that name.
    """
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    if browser and system:
        return text("%(browser)s on %(system)s", browser=browser, system=system)
    return text("%(browser)s", browser=browser or system) if browser or system else text("Unknown browser")
