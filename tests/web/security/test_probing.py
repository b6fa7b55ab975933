"""Somebody types what attackers type, into every field of every form and every address, signed in where it takes that.

No answer is an error of ours; nothing typed is run, worked out, or part of a page's markup, of a header or of an
address elsewhere, now or on the pages that show later what was kept.
"""

import os
import re
from collections.abc import Iterable, Iterator
from itertools import count
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.factories.staff import staff_visitor
from tests.web.security.addresses import addresses
from tests.web.security.conftest import Callers
from tests.web.security.forms import Form, Page
from tests.web.security.holdings import World
from tests.web.security.test_forgery import send, token_of
from tests.web.visitor import Visitor

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.timeout(600)]
MARK = "probe1337"
WORKED_OUT = ("1787569", "root:x:0:0", "<Config", "sqlite3.", "psycopg", "Traceback")
"""What stands in an answer only when something typed was run, or when an error of ours is shown."""
TYPED = {
    "SQL": ["' OR '1'='1' --", "1; DROP TABLE agency; --", "%' UNION SELECT secret FROM staff_factor --"],
    "HTML": [
        f"<{MARK} onload=x>",
        f'"><{MARK}>',
        f"' {MARK}='x",
        f'" autofocus {MARK}="x',
        f"</script></textarea></title><{MARK}>",
        f"javascript:{MARK}()",
        f"data:text/html,<{MARK}>",
    ],
    "templates": ["{{1337*1337}}", "{{config}}", "{% print(1337*1337) %}", "${1337*1337}", "#{1337*1337}"],
    "typst": ['#eval("1337*1337")', '#read("/etc/passwd")', "$ 1337 $ @label <label> `x`"],
    "format strings": ["%(password)s %s %n", "{0.__class__.__mro__}", "%99999999d"],
    "lines of a header": [f"x\r\nSet-Cookie: {MARK}=1", f"a@b.example\r\nBcc: {MARK}@victims.example", f"x\n{MARK}: 1"],
    "NUL": ["\0", "a\0b@c.example"],
    "paths": ["../../../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "file:///etc/passwd", "/etc/passwd\0.png"],
    "elsewhere": [f"//{MARK}.example", f"https://{MARK}.example/", f"/\\{MARK}.example"],
    "formulas": ['=HYPERLINK("http://x")', "+1+1", "@SUM(A1)"],
    "length": ["A" * 20_000, "9" * 400, "a@" + "b" * 300 + ".example"],
    "numbers": ["-1", "1e309", "NaN", "0x41", "١٢٣", "9223372036854775808"],
    "letters": ["\u202eevil\u202c", "ﬀ\ufeff\u200b", "e" + "\u0301" * 500, "ǅ\U000e0041"],
}  # fmt: skip
PROBES = [typed for group in TYPED.values() for typed in group]
FEW = [group[0] for group in TYPED.values()]
"""For what is called often, every route and every address: one of each kind."""
FULL = bool(os.environ.get("PORTAL_FULL_FAULTS"))
NOT_TEXT = b"csrf_token=%s&code=%%ff%%fe&email=%%ed%%a0%%80&next=%%c0%%af&invoice=%%80&policy_number=%%ff"
IN_ADDRESSES = ("q", "next", "show", "from", "before", "actor", "action", "first", "last", "invoice", "poll", "code")
_networks = count(1)


def few(turn: int) -> list[str]:
    """All of HTML, and of each other kind one, the next one at each turn."""
    return TYPED["HTML"] + [group[turn % len(group)] for kind, group in TYPED.items() if kind != "HTML"]


def from_anywhere(visitor: Visitor) -> None:
    """The next request comes from another network, so that limits by network do not hide what the form does."""
    number = next(_networks)
    visitor._from["REMOTE_ADDR"] = f"10.{number >> 8 & 255}.{number & 255}.9"


def faults(answer: TestResponse, what: str) -> Iterator[str]:
    """All that is wrong with an answer to something that was typed."""
    if answer.status_code >= 500 and answer.status_code != 503:
        yield f"{what}: {answer.status}"
    for name, value in answer.headers:
        if MARK in name.lower() or (name == "Set-Cookie" and value.startswith(MARK)):
            yield f"{what}: the header {name}"
    if (place := answer.location) and (urlsplit(place).netloc not in {"", "localhost"} or not place.startswith("/")):
        yield f"{what}: leads to {place}"
    if answer.mimetype == "text/html":
        yield from (f"{what}: {word} is on the page" for word in WORKED_OUT if word in answer.text)
        if MARK in answer.text.lower():
            yield from (f"{what}: smuggled in {tag}" for tag in Page(answer.text, "", MARK).smuggled)


def fill_in(visitor: Visitor, action: str, values: dict[str, str]) -> TestResponse:
    """Send what was typed into a form."""
    from_anywhere(visitor)
    path = urlsplit(action).path.removeprefix(f"/{visitor.agency.slug}")
    return send(visitor, path, {name: value for name, value in values.items() if name != "csrf_token"})


def forms_of(app: Flask, world: World, visitors: Iterable[Visitor]) -> dict[str, tuple[Visitor, Form]]:
    """Every form with a field for text, with the first of these visitors who meets it: path -> visitor, form."""
    found: dict[str, tuple[Visitor, Form]] = {}
    for visitor in visitors:
        for address in addresses(app):
            if address.method == "GET":
                page = visitor.get(address.path(world.ana))
                for form in Page(page.text if page.mimetype == "text/html" else "", page.request.path, MARK).forms:
                    if form.texts:
                        found.setdefault(urlsplit(form.action).path, (visitor, form))
    return found


def test_nothing_typed_into_a_form_is_more_than_text(
    app: Flask, world: World, callers: Callers, stranger: Visitor
) -> None:
    wrong: list[str] = []
    visitors = [*dict.fromkeys(callers.values()), stranger]
    forms = forms_of(app, world, visitors)
    assert len(forms) > 12
    for turn, (path, (visitor, form)) in enumerate(forms.items()):
        for typed in PROBES if FULL else few(turn):
            wrong += faults(
                fill_in(visitor, path, form.values | dict.fromkeys(form.texts, typed)), f"{path} ← {typed!r:.40}"
            )
        for name in form.texts:
            for typed in (f"\"'><{MARK} x={{{{1337*1337}}}}>", "\0", "A" * 5_000):
                wrong += faults(fill_in(visitor, path, form.values | {name: typed}), f"{path} {name} ← {typed!r:.40}")
    for address in addresses(app):
        if address.method == "GET":
            for visitor in visitors:
                wrong += faults(visitor.get(address.path(world.ana)), f"{address}, afterwards")
    assert wrong == []


def test_forms_that_no_page_shows_at_once_are_probed_too(app: Flask, world: World, callers: Callers) -> None:
    """The second step of a payment, what scripts send: every route that writes gets every name there is."""
    wrong: list[str] = []
    names = {
        name for _, form in forms_of(app, world, [callers["insured"], callers["guest"]]).values() for name in form.texts
    }
    names |= {"agreed", "credential", "factor", "role", "code", "invoice", "payer_name", "payer_email", "reason", "old"}
    ends = {"insured.sign_out", "guest.leave", "account.refuse_email", "account.end_other_browsers"}
    for address in addresses(app):
        if address.method == "GET" or address.endpoint in ends:
            continue
        visitor = callers["public" if address.access == "processor" else address.access]
        path = address.path(world.ana)
        for typed in FEW:
            wrong += faults(
                fill_in(visitor, f"/harbor{path}", dict.fromkeys(names, typed)), f"{address} ← {typed!r:.40}"
            )
        token = token_of(visitor).encode()
        answer = visitor._client.post(
            f"/harbor{path}", data=NOT_TEXT % token, content_type="application/x-www-form-urlencoded"
        )
        wrong += faults(answer, f"{address} ← what is no UTF-8")
        for kind, body in (("application/json", b'{"a":' * 5_000), ("multipart/form-data; boundary=x", b"--x\r\n\r\n")):
            answer = visitor._client.post(f"/harbor{path}", data=body, content_type=kind)
            wrong += faults(answer, f"{address} ← broken {kind}")
    assert wrong == []


def test_nothing_typed_into_an_address_is_more_than_text(app: Flask, world: World, callers: Callers) -> None:
    wrong: list[str] = []
    for address in addresses(app):
        if address.method == "GET":
            visitor, path = callers[address.access], address.path(world.ana)
            for typed in FEW:
                answer = visitor.get(path, query_string=dict.fromkeys(IN_ADDRESSES, typed))
                wrong += faults(answer, f"{address} ← {typed!r:.40}")
            wrong += faults(visitor.get(f"{path}?q=%ff&next=%ed%a0%80&invoice=%80"), f"{address} ← what is no UTF-8")
    for typed in PROBES:
        if "\0" not in typed:
            wrong += faults(callers["insured"].get(f"/{quote(typed)}"), f"the address {typed!r:.40}")
    assert wrong == []


def test_nothing_that_a_browser_says_of_itself_is_more_than_text(app: Flask, world: World) -> None:
    """Its name stands in the list of browsers; the others may stand in a log or lead back."""
    wrong: list[str] = []
    printable = [typed for typed in PROBES if re.fullmatch(r"[\x20-\x7e]{1,300}", typed)]
    assert len(printable) > 20
    for number, typed in enumerate(printable[:24]):
        visitor = Visitor(app, world.harbor, f"10.99.{number}.1", browser=typed)
        headers = {
            "Referer": typed,
            "Accept-Language": typed,
            "X-Forwarded-For": typed,
            "X-Forwarded-Host": typed,
            "X-Request-Id": typed,
            "HX-Request": "true",
            "HX-Current-URL": typed,
            "HX-Target": typed,
        }
        for path in ("/", "/sign-in", "/pay-a-policy", "/no-such-page", f"/pay/{world.ana.link_token}"):
            wrong += faults(visitor.get(path, headers=headers), f"{path} by {typed!r:.40}")
    visitor = Visitor(app, world.harbor, "198.51.100.77", browser=f'"><{MARK}> {{{{1337*1337}}}} Firefox/140')
    visitor.sign_in(world.ana.email)
    assert visitor.get("/account/").status_code == 200
    wrong += faults(visitor.get("/account/"), "the list of browsers")
    assert wrong == []


def test_what_was_typed_and_kept_is_text_to_staff_too(app: Flask, world: World, stranger: Visitor) -> None:
    """A new colleague's name and the reason of a change are shown to others, and stand in the audit."""
    admin = staff_visitor(app, world.harbor, "admin")
    wrong: list[str] = []
    for number, typed in enumerate(TYPED["HTML"] + TYPED["templates"]):
        values = {"name": typed[:60], "email": f"new{number}@harbor.example", "role": "support"}
        fill_in(admin, "/harbor/admin/staff/new", values)
    path = f"/admin/insureds/{world.ana.insured_id}/email"
    values = {"old": "add", "email": "second@zebra.example", "reason": f'"><{MARK}>{{{{1337*1337}}}}'}
    fill_in(admin, f"/harbor{path}", values)
    pages = [admin.get(path) for path in ("/admin/staff", "/admin/audit", f"/admin/programs/{world.ana.program_id}")]
    assert MARK in pages[0].text
    assert MARK in pages[1].text or MARK in pages[2].text
    for page in pages:
        wrong += faults(page, page.request.path)
    assert wrong == []
