"""The numbers on the page about security are those of the code."""

import re
from datetime import timedelta

from portal.access import limits, passkeys, sessions, sign_in
from portal.access.guest_lookup import CAPABILITY
from portal.access.limits import Limit
from portal.app import LARGEST_REQUEST
from portal.web.guards import FRESH
from tests.architecture.source import PROJECT

PAGE = (PROJECT / "docs" / "security.md").read_text("utf-8")


def words(span: timedelta) -> str:
    """How the page writes a time."""
    minutes = int(span.total_seconds()) // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"


def test_every_limit_stands_there_as_it_is() -> None:
    stated = set(re.findall(r"^\| `([\w.]+)` \| (\d+) \| (\d+ (?:h|min)) \|$", PAGE, re.MULTILINE))
    real = {
        (each.kind, str(each.most), words(each.within)) for each in vars(limits).values() if isinstance(each, Limit)
    }
    assert stated == real


def test_times_stand_there_as_they_are() -> None:
    assert f"after {words(sessions.IDLE)} without use, and after {words(sessions.LONGEST)} in any case" in PAGE
    assert f"again\n  after {words(FRESH)}" in PAGE
    assert f"link and code are good for {words(sign_in.VALID)}, a code for {sign_in.MOST_CODE_TRIES} tries" in PAGE
    assert f"for {int(CAPABILITY.total_seconds()) // 60} minutes" in PAGE
    assert f"| Size of a request | {LARGEST_REQUEST // 1024**2} MB |" in PAGE
    assert passkeys.VALID <= sign_in.VALID


def test_what_the_standard_wants_in_words_is_there() -> None:
    chapters = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert chapters == [
        "Ways in",
        "Limits on tries",
        "Sessions",
        "Who may what",
        "What is checked",
        "Keys",
        "Libraries",
        "The proxy in front",
    ]
    for words_ in ("Any number of browsers", "**Fields**", "within\n2 days", "TLS 1.2 and 1.3 only"):
        assert words_ in PAGE
