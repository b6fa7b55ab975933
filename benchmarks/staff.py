"""What staff wait for in an agency with a million programs and invoices: the search, and the page they start from."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from flask import Flask, g
from sqlalchemy import Engine, select

from benchmarks.in_process import Browser, Call
from benchmarks.many_invoices import SLUG, Filled, begin
from benchmarks.million import PROGRAMS, million
from benchmarks.postgresql import as_app, make_database, postgresql, settle
from portal.access.models import SignInSession, StaffFactor
from portal.access.sessions import start_session
from portal.agencies.models import StaffMember
from portal.app import create_app
from portal.cli.demo_settings import Ports, demo_settings
from portal.core.clock import now
from portal.core.db import make_engine
from portal.core.logs import configure_logs
from portal.core.tenancy import reading, writing
from portal.reports.attention import counted_matters
from portal.reports.one_time import search_one_time
from portal.reports.staff_overview import overview
from portal.reports.staff_programs import ProgramFilter, program_page
from portal.settings import Settings
from portal.web.services import EXTENSION
from portal.web.tenancy import AGENCY

ROUNDS, IN_A_ROUND = 6, 5
TYPED = {
    "one insured": "jasper concrete 777776",
    "a word of thousands": "river",
    "a word of nearly all": "llc",
    "two words of thousands": "silver bakery",
    "two of nearly all": "llc package",
    "an e-mail address": "owner77000@",
    "a policy number": "OTH 2026 10777777",
    "a policy's beginning": "OTH-2026-107",
    "an invoice": "INV-2024-10777777",
    "an invoice's beginning": "inv-2024-107",
    "a program": "P10777777",
    "nothing": "zyzzyva",
}


@dataclass(frozen=True, slots=True)
class Waited:
    """Milliseconds: each search by what was typed, the whole page of one, the start page and its queries.

    Medians of the best of several rounds, since other programs disturb the others.
    """

    searches: dict[str, float]
    search_page_ms: float
    home_ms: float
    home_queries_ms: float


def fill(settings: Settings, programs: int = PROGRAMS) -> Filled:
    """Make the programs, each with a policy, an invoice and its words; the settings in it are to work with."""
    agency, program_id, token = begin(settings)
    engine = make_engine(settings.database_url)
    million(engine, agency.id, programs)
    settle(engine)
    engine.dispose()
    return Filled(as_app(settings), agency.id, programs, program_id, token, programs)


def measure(filled: Filled) -> Waited:
    """Search and the start page."""
    settings, agency_id = filled.settings, filled.agency_id
    app = create_app(settings)
    engine: Engine = app.extensions[EXTENSION].engine
    browser = Browser(app, settings.base_url.partition("://")[2], staff_cookie(app, agency_id))
    today = now().date()

    def search(typed: str) -> None:
        with reading(engine, agency_id) as session:
            program_page(session, ProgramFilter(words=typed), today)
            search_one_time(session, typed, today)

    def page(path: str, query: str = "") -> None:
        _, status, _body = browser.answer(Call(path, query=query))
        assert status.startswith("200"), status

    def figures() -> None:
        with reading(engine, agency_id) as session:
            overview(session, today, "America/New_York")
            counted_matters(session)

    return Waited(
        {what: _best(partial(search, typed)) for what, typed in TYPED.items()},
        _best(partial(page, "/admin/programs", "q=river")),
        _best(partial(page, "/admin/")),
        _best(figures),
    )


def _best(call: Callable[[], None]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        taken = []
        for _ in range(IN_A_ROUND):
            begun = time.perf_counter()
            call()
            taken.append(1000 * (time.perf_counter() - begun))
        rounds.append(median(taken))
    return min(rounds)


def staff_cookie(app: Flask, agency_id: int) -> str:
    """The cookie of a browser in which a staff member has shown both factors."""
    with writing(app.extensions[EXTENSION].engine, agency_id) as session:
        member = session.scalars(select(StaffMember).where(StaffMember.role == "admin").limit(1)).one()
        at = now()
        factor = StaffFactor(
            staff_id=member.id, kind="totp", name="Bench", secret="", created_at=at, confirmed_at=at, used_at=at
        )
        session.add(factor)
        token = start_session(session, member.email, "192.0.2.7", "Bench", at)
        session.scalars(select(SignInSession).order_by(SignInSession.id.desc()).limit(1)).one().second_factor_at = at
    with app.test_request_context(environ_overrides={AGENCY: SLUG}):
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return f"{g.cookie_name}={serializer.dumps({'_user_id': token, '_fresh': True})}"


def main() -> None:
    """`python -m benchmarks.staff`: on both databases, or on the one named."""
    with Path(os.devnull).open("w") as nowhere, tempfile.TemporaryDirectory() as folder, postgresql() as server:
        configure_logs(nowhere)
        settings = demo_settings(Path(folder), Ports(web=8390, stripe=8391, inbox=8392, smtp=8395, bindhq=8393))
        urls = {"SQLite": f"sqlite:///{folder}/staff.db", "PostgreSQL": make_database(server, "bench_staff")}
        for kind, url in urls.items():
            if kind in (sys.argv[1:] or urls):
                begun = time.perf_counter()
                ready = fill(settings.model_copy(update={"database_url": url}))
                print(f"{kind}: filled in {time.perf_counter() - begun:.0f} s")
                print(measure(ready))


if __name__ == "__main__":
    main()
