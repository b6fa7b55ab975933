"""Answers of the whole app in this process, called as a server calls it: no network, no test client."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from io import BytesIO
from itertools import count, islice
from statistics import median
from typing import Any
from urllib.parse import urlencode

from flask import Flask, g
from sqlalchemy import Engine, event

from benchmarks.many_invoices import EMAIL, SLUG, ZIP, Filled, policy_number
from portal.access.sessions import start_session
from portal.app import create_app
from portal.core.clock import now
from portal.core.tenancy import writing
from portal.web.services import EXTENSION
from portal.web.tenancy import AGENCY

WARM_UP = 40
ROUNDS, IN_A_ROUND = 6, 50
WATCHED = 100
PROBE = "FROM guest_key"
TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')
PAGES = ("Home", "Program", "Pay", "Guest look-up", "Receipt PDF, warm")


@dataclass(frozen=True, slots=True)
class Taken:
    """What one page takes, in milliseconds: the whole answer, its queries, the guest's probe; how many queries.

    Medians; of the whole answer that of the best of several rounds, since other programs disturb the others.
    """

    whole_ms: float
    query_ms: float
    probe_ms: float
    queries: int


@dataclass(frozen=True, slots=True)
class Call:
    """A GET, or with fields a POST."""

    path: str
    fields: dict[str, str] | None = None
    ip: str = "192.0.2.7"
    query: str = ""


@dataclass(slots=True)
class QueryWatch:
    """Counts and times statements on tables; what opens, scopes and closes a transaction is not one."""

    milliseconds: float = 0.0
    probe_ms: float = 0.0
    count: int = 0
    _since: float = field(default=0.0)

    def before(self, *_call: Any) -> None:
        self._since = time.perf_counter()

    def after(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        taken = (time.perf_counter() - self._since) * 1000
        self.milliseconds += taken
        self.probe_ms += taken if PROBE in statement else 0.0
        self.count += not statement.startswith(("BEGIN", "SELECT set_config"))


@contextmanager
def watched(engine: Engine) -> Iterator[QueryWatch]:
    """Watch the queries of an engine."""
    watch = QueryWatch()
    event.listen(engine, "before_cursor_execute", watch.before)
    event.listen(engine, "after_cursor_execute", watch.after)
    yield watch
    event.remove(engine, "before_cursor_execute", watch.before)
    event.remove(engine, "after_cursor_execute", watch.after)


class Browser:
    """Calls the app as a WSGI server does, and keeps its cookies."""

    def __init__(self, app: Flask, host: str, cookie: str = "") -> None:
        self._app = app
        self._host = host
        self._cookies = SimpleCookie(cookie)

    def answer(self, call: Call) -> tuple[float, str, bytes]:
        """One request: milliseconds until the answer is complete, its status, its body."""
        environ = self._environ(call)
        answered: list[Any] = []
        started = time.perf_counter()
        parts = self._app.wsgi_app(environ, lambda *line: answered.append(line))  # type: ignore[arg-type]
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        taken = (time.perf_counter() - started) * 1000
        status, headers = answered[0][:2]
        for name, value in headers:
            if name.lower() == "set-cookie":
                self._cookies.load(value)
        return taken, status, body

    def parts(self, call: Call) -> Iterator[bytes]:
        """The parts of an answer as a server sends them, none of them kept."""
        answered: list[Any] = []
        parts = self._app.wsgi_app(self._environ(call), lambda *line: answered.append(line))  # type: ignore[arg-type]
        assert answered[0][0].startswith("200"), answered[0][0]
        yield from parts
        if hasattr(parts, "close"):
            parts.close()

    def _environ(self, call: Call) -> dict[str, Any]:
        body = urlencode(call.fields or {}).encode()
        return {
            "REQUEST_METHOD": "POST" if call.fields else "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": f"/{SLUG}{call.path}",
            "QUERY_STRING": call.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": call.ip,
            "HTTP_HOST": self._host,
            "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9",
            "HTTP_COOKIE": "; ".join(f"{name}={cookie.value}" for name, cookie in self._cookies.items()),
            "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }


def best(call: Callable[[], object], in_a_round: int = 5) -> float:
    """Milliseconds: the median of the best of several rounds, since other programs disturb the others."""
    call()
    rounds = []
    for _ in range(ROUNDS):
        taken = []
        for _ in range(in_a_round):
            begun = time.perf_counter()
            call()
            taken.append(1000 * (time.perf_counter() - begun))
        rounds.append(median(taken))
    return min(rounds)


def session_cookie(app: Flask, agency_id: int, email: str = EMAIL) -> str:
    """The cookie of a browser in which somebody has signed in, as long as not said otherwise the insured measured."""
    with writing(app.extensions[EXTENSION].engine, agency_id) as session:
        token = start_session(session, email, "192.0.2.7", "Bench", now())
    return cookie_of(app, token)


def cookie_of(app: Flask, token: str) -> str:
    """The cookie that names a session."""
    with app.test_request_context(environ_overrides={AGENCY: SLUG}):
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return f"{g.cookie_name}={serializer.dumps({'_user_id': token, '_fresh': True})}"


def measure(filled: Filled) -> dict[str, Taken]:
    """Every page in `PAGES`."""
    app = create_app(filled.settings)
    engine: Engine = app.extensions[EXTENSION].engine
    browser = Browser(app, filled.settings.base_url.partition("://")[2], session_cookie(app, filled.agency_id))
    found = TOKEN.search(browser.answer(Call("/pay-a-policy"))[2])
    assert found is not None
    token = found[1].decode()

    def look_up(number: int) -> Call:
        """Each from another network for another policy, as guests do: tries at one are counted and limited."""
        policy = policy_number(number % filled.others)
        fields = {"csrf_token": token, "policy_number": policy, "zip": ZIP}
        return Call("/pay-a-policy", fields, f"10.{number % 250}.{number // 250}.1")

    calls: tuple[Callable[[int], Call], ...] = (
        lambda _: Call("/"),
        lambda _: Call(f"/programs/{filled.program_id}"),
        lambda _: Call("/pay"),
        look_up,
        lambda _: Call(f"/payments/{filled.payment_token}/receipt.pdf"),
    )
    taken = {name: _measure(engine, browser, call) for name, call in zip(PAGES, calls, strict=True)}
    engine.dispose()
    return taken


def _measure(engine: Engine, browser: Browser, call: Callable[[int], Call]) -> Taken:
    numbers = count()
    for number in islice(numbers, WARM_UP):
        _, status, _ = browser.answer(call(number))
        assert status.startswith(("200", "303")), f"{call(number)}: {status}"
    rounds = [[browser.answer(call(number))[0] for number in islice(numbers, IN_A_ROUND)] for _ in range(ROUNDS)]
    watches = []
    for number in islice(numbers, WATCHED):
        with watched(engine) as watch:
            browser.answer(call(number))
        watches.append(watch)
    return Taken(
        whole_ms=min(map(median, rounds)),
        query_ms=median(watch.milliseconds for watch in watches),
        probe_ms=median(watch.probe_ms for watch in watches),
        queries=int(median(watch.count for watch in watches)),
    )
