"""What staff wait for in an agency with a million programs and invoices: the search, and the page they start from."""

import time
from dataclasses import dataclass
from functools import partial

from flask import Flask
from sqlalchemy import Engine, select

from benchmarks.alone import each_database
from benchmarks.in_process import Browser, Call, best, cookie_of
from benchmarks.many_invoices import Filled, begin
from benchmarks.million import PROGRAMS, million
from benchmarks.postgresql import as_app, settle
from portal.access.models import SignInSession, StaffFactor
from portal.access.sessions import start_session
from portal.agencies.models import StaffMember
from portal.app import create_app
from portal.core.clock import now
from portal.core.db import make_engine
from portal.core.tenancy import reading, writing
from portal.reports.attention import counted_matters
from portal.reports.one_time import search_one_time
from portal.reports.staff_overview import overview
from portal.reports.staff_programs import ProgramFilter, program_page
from portal.settings import Settings
from portal.web.services import EXTENSION

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
        {what: best(partial(search, typed)) for what, typed in TYPED.items()},
        best(partial(page, "/admin/programs", "q=river")),
        best(partial(page, "/admin/")),
        best(figures),
    )


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
    return cookie_of(app, token)


def main() -> None:
    """`python -m benchmarks.staff`: on both databases, or on the one named."""
    for kind, settings in each_database("staff"):
        begun = time.perf_counter()
        ready = fill(settings)
        print(f"{kind}: filled in {time.perf_counter() - begun:.0f} s")
        print(measure(ready))


if __name__ == "__main__":
    main()
