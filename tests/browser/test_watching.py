"""The watch over the browser tests sees what the content security policy stops; else silence would prove nothing."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.watching import Watch

STOPPED = {
    "a script in the page": "const s = document.createElement('script'); s.textContent = '1'; document.head.append(s)",
    "a style in the page": "document.body.setAttribute('style', 'color: red')",
    "a picture from elsewhere": "const i = new Image(); i.src = 'http://elsewhere.example/x'; document.body.append(i)",
    "a call to elsewhere": "fetch('http://elsewhere.example/').catch(() => 0)",
    "a frame": "const f = document.createElement('iframe'); f.src = 'http://x.example/'; document.body.append(f)",
}


@pytest.mark.parametrize("what", STOPPED)
def test_what_the_policy_stops_is_a_complaint(visit: Visit, watch: Watch, what: str) -> None:
    page = visit("harborline")
    page.goto("sign-in")
    assert watch.complaints == []
    page.evaluate(f"() => {{ {STOPPED[what]}; }}")
    page.wait_for_timeout(300)
    said = " ".join(watch.complaints)
    watch.complaints.clear()
    assert "Content Security Policy" in said
