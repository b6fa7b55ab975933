"""`make bench`: measure, and print a table. Nothing is judged by the clock: read it beside docs/speed.md."""

import os
import platform
import sqlite3
import sysconfig
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import (
    autopay,
    bindhq,
    charging,
    financing,
    partner_balances,
    reminding,
    report_files,
    staff,
    statements,
    ten_million,
)
from benchmarks.alone import PORTS
from benchmarks.in_process import PAGES, Taken, measure, session_cookie
from benchmarks.lighthouse import lighthouse, score
from benchmarks.many_invoices import SLUG, Filled, fill
from benchmarks.million import EACH, PROGRAMS
from benchmarks.page_weight import chromium, weigh
from benchmarks.postgresql import as_app, make_database, postgresql
from benchmarks.whole_process import HELLO_PORT, median_ms, serving_hello, serving_portal
from portal.app import create_app
from portal.cli.demo_settings import demo_settings
from portal.core import clock
from portal.core.db import make_engine
from portal.core.logs import configure_logs
from portal.settings import Settings

FEW, MANY = 1_000, 100_000
SANDBOXES = (8391, 8396, 8397)
TARGETS = {
    "Home": "< 3 ms, ≤ 6 queries",
    "Program": "< 3 ms, ≤ 6 queries",
    "Receipt PDF, warm": "< 10 ms",
}
console = Console(width=118, highlight=False)


def main() -> None:
    """Measure everything."""
    console.print(f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, {_python()}")
    console.print(f"Load when it began: {os.getloadavg()[0]:.1f}\n")
    console.print(_financing())
    with Path(os.devnull).open("w") as nowhere, tempfile.TemporaryDirectory() as folder, postgresql() as server:
        configure_logs(nowhere)
        settings = demo_settings(Path(folder), PORTS)
        kinds: dict[str, Callable[[int], str]] = {
            f"SQLite {sqlite3.sqlite_version}": lambda size: f"sqlite:///{folder}/{size}.db",
            "PostgreSQL 18": lambda size: make_database(server, f"bench_{size}"),
        }
        filled: dict[str, Filled] = {}
        for kind, url in kinds.items():
            taken = {}
            for size in FEW, MANY:
                with console.status(f"{kind}: {size:,} invoices"):
                    full = fill(settings.model_copy(update={"database_url": url(size)}), size)
                    filled[kind] = replace(full, settings=as_app(full.settings))
                    taken[size] = measure(filled[kind])
            console.print(_in_process(kind, taken))
        with console.status("Over HTTP and in a browser"):
            tables = _served(filled, Path(folder))
        console.print(*tables, sep="\n")
        with console.status("Reminders"):
            reminders = _reminders(filled)
        console.print(reminders)
        with console.status("Autopay: a million installments"):
            selected = _autopay(settings, Path(folder), server)
        console.print(selected)
        with console.status("A million programs, with a million and with ten million invoices; half an hour"):
            waited = _staff(settings, Path(folder), server)
        console.print(*waited, sep="\n")
        with console.status("A partner that owes 50,000 invoices"):
            owed = _partner(settings, Path(folder), server)
        console.print(owed)
        with console.status("Statements of 2,000 partners"):
            drawn = statements.measure(f"sqlite:///{folder}/statements.db")
        said = f"drawn in {drawn.seconds:.1f} s, their mails with the PDFs written in {drawn.mailed_seconds:.1f} s"
        said += f" (at work for {drawn.mailed_cpu_seconds:.1f} s)"
        console.print(f"{drawn.made:,} statements of partners {said}; wanted: under 60 s\n")
        with console.status(f"BindHQ: {bindhq.POLICIES:,} policies, on PostgreSQL"):
            imported = _bindhq(settings.model_copy(update={"database_url": make_database(server, "bindhq")}), folder)
        console.print(imported)
        with console.status("Money, on PostgreSQL"):
            money = _money(settings.model_copy(update={"database_url": make_database(server, "bench_money")}))
        console.print(money)


def _in_process(kind: str, taken: dict[int, dict[str, Taken]]) -> Table:
    """The medians on one kind of database."""
    table = Table(title=f"In process, {kind}: medians in ms", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("Answer")
    for name in f"{FEW:,} invoices", f"{MANY:,}", "ratio", "in queries", f"of {MANY:,}", "queries":
        table.add_column(name, justify="right")
    table.add_column("wanted")
    for page in PAGES:
        few, many = taken[FEW][page], taken[MANY][page]
        figures = (few.whole_ms, many.whole_ms, many.whole_ms / few.whole_ms, few.query_ms, many.query_ms)
        table.add_row(page, *(f"{figure:.2f}" for figure in figures), str(many.queries), TARGETS.get(page, ""))
        if many.probe_ms:
            table.add_row("– its probe", "", "", "", f"{few.probe_ms:.2f}", f"{many.probe_ms:.2f}", "1", "< 1 ms")
    return table


def _served(filled: dict[str, Filled], folder: Path) -> list[Table]:
    """What is measured over HTTP: against a hello-world view, and in a browser."""
    whole = Table(title="Whole process: medians in ms", title_justify="left", box=box.SIMPLE_HEAD)
    whole.add_column("Answer of granian, one worker")
    whole.add_column("ms", justify="right")
    with serving_hello(folder):
        whole.add_row("Hello, world", f"{median_ms(f'http://localhost:{HELLO_PORT}/', {}):.2f}")
    browsed: list[Table] = []
    for kind, each in filled.items():
        cookie = session_cookie(create_app(each.settings), each.agency_id)
        home = f"{each.settings.base_url}/{SLUG}/"
        with serving_portal(each.settings, PORTS, folder):
            whole.add_row(f"Home, {kind}, {MANY:,} invoices", f"{median_ms(home, {'Cookie': cookie}):.2f}")
            browsed = browsed or _browsed(home, each, cookie)
    return [whole, *browsed]


def _financing() -> Table:
    """The sums of premium financing."""
    table = Table(title="Financing: medians in ms", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("What")
    table.add_column("ms", justify="right")
    table.add_column("wanted")
    table.add_row("Quote of all terms", f"{financing.quote_ms():.2f}", "< 5 ms")
    table.add_row("Agreement PDF, warm", f"{financing.agreement_ms():.1f}", "< 50 ms")
    return table


def _reminders(filled: dict[str, Filled]) -> Table:
    """Who is written to today, where every invoice has a step."""
    table = Table(title="Reminders", title_justify="left", box=box.SIMPLE_HEAD)
    for name in "Database", "mails decided", "in s", "of it at work", "wanted", "then queued a second":
        table.add_column(name, justify="left" if name in {"Database", "wanted"} else "right")
    for kind, each in filled.items():
        done = reminding.measure(each)
        figures = f"{done.mails:,}", f"{done.seconds:.2f}", f"{done.cpu_seconds:.2f}"
        table.add_row(kind, *figures, "< 5 s", f"{done.queued_per_second:.0f}")
    return table


def _autopay(settings: Settings, folder: Path, server: str) -> Table:
    """The daily selection of autopay, on both databases."""
    table = Table(title="Autopay", title_justify="left", box=box.SIMPLE_HEAD)
    for name in "What", "measured", "wanted":
        table.add_column(name, justify="right" if name == "measured" else "left")
    today = clock.now().date()
    for url in f"sqlite:///{folder}/autopay.db", make_database(server, "bench_autopay"):
        ready, agency_id = autopay.fill(settings.model_copy(update={"database_url": url}), today)
        engine = make_engine(ready.database_url)
        found = autopay.find(engine, agency_id, today)
        what = f"{engine.dialect.name}: {found.charges:,} due among {autopay.PROGRAMS * autopay.EACH:,}"
        table.add_row(what, f"{found.ms:.0f} ms", "< 1,000 ms")
        engine.dispose()
    return table


def _staff(settings: Settings, folder: Path, server: str) -> list[Table]:
    """What staff and insureds wait for in a very large agency, and what its reports take as files."""
    table = Table(title="Staff, 1,000,000 programs and invoices: ms", title_justify="left", box=box.SIMPLE_HEAD)
    for name in "What", "SQLite", "PostgreSQL", "wanted":
        table.add_column(name, justify="left" if name in {"What", "wanted"} else "right")
    owner = settings.model_copy(update={"database_url": make_database(server, "bench_staff")})
    on_sqlite = staff.fill(settings.model_copy(update={"database_url": f"sqlite:///{folder}/staff.db"}))
    on_postgresql = staff.fill(owner)
    one, other = staff.measure(on_sqlite), staff.measure(on_postgresql)
    for what in staff.TYPED:
        table.add_row(f"Search: {what}", f"{one.searches[what]:.1f}", f"{other.searches[what]:.1f}", "< 50")
    table.add_row("Page of a search", f"{one.search_page_ms:.1f}", f"{other.search_page_ms:.1f}")
    table.add_row("Start page", f"{one.home_ms:.1f}", f"{other.home_ms:.1f}", "< 100")
    files = _files({"SQLite": on_sqlite, "PostgreSQL": on_postgresql})
    few = settings.model_copy(update={"database_url": make_database(server, "bench_few")})
    beside_few = ten_million.add_installments(few, staff.fill(few, FEW), FEW)
    beside_many = ten_million.add_installments(owner, on_postgresql, PROGRAMS)
    return [table, files, _beside(ten_million.measure(beside_few, beside_many))]


def _files(filled: dict[str, Filled]) -> Table:
    """Reports as files: an eighth of the rows, then all."""
    table = Table(title="Reports as files", title_justify="left", box=box.SIMPLE_HEAD)
    for name in "Database", "What", "rows", "MB", "s", "process grew, MB", "with an eighth of the rows":
        table.add_column(name, justify="left" if name in {"Database", "What"} else "right")
    for kind, each in filled.items():
        for what, (part, whole) in report_files.measure(each).items():
            size = f"{whole.rows:,}", f"{whole.megabytes:.0f}", f"{whole.seconds:.0f}"
            table.add_row(kind, what, *size, f"{whole.grown_mb:.1f}", f"{part.grown_mb:.1f}")
    return table


def _beside(found: dict[str, ten_million.Beside]) -> Table:
    """Pages of an insured beside few and beside many."""
    title = f"PostgreSQL, {FEW:,} programs with {EACH * FEW:,} invoices, and a thousand times as many: ms"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for name in "Page", "few", "many", "ratio", "in queries", "of many", "wanted":
        table.add_column(name, justify="left" if name in {"Page", "wanted"} else "right")
    for page, ms in found.items():
        figures = ms.few_ms, ms.many_ms, ms.many_ms / ms.few_ms, ms.few_query_ms, ms.many_query_ms
        table.add_row(page, *(f"{figure:.2f}" for figure in figures), "a ratio ≤ 1.2")
    return table


def _partner(settings: Settings, folder: Path, server: str) -> Table:
    """What a partner waits for that owes very much, on both databases."""
    table = Table(title="A partner that owes 50,000 invoices: ms", title_justify="left", box=box.SIMPLE_HEAD)
    for name in "What", "SQLite", "PostgreSQL", "wanted":
        table.add_column(name, justify="left" if name in {"What", "wanted"} else "right")
    urls = f"sqlite:///{folder}/partner.db", make_database(server, "bench_partner")
    one, other = (
        partner_balances.measure(*partner_balances.fill(settings.model_copy(update={"database_url": url})))
        for url in urls
    )
    for what, ms in one.queries.items():
        wanted = "" if what in partner_balances.SEARCHES else "< 50"
        table.add_row(f"Queries: {what}", f"{ms:.1f}", f"{other.queries[what]:.1f}", wanted)
    for what, ms in one.pages.items():
        table.add_row(f"{what}, the whole page", f"{ms:.1f}", f"{other.pages[what]:.1f}")
    return table


def _bindhq(settings: Settings, folder: str) -> Table:
    """Policies that come in, and an hourly sync that finds nothing new."""
    table = Table(
        title="BindHQ, PostgreSQL, one worker; it answers after 5 ms", title_justify="left", box=box.SIMPLE_HEAD
    )
    for name in "What", "measured", "wanted":
        table.add_column(name, justify="right" if name == "measured" else "left")
    done = bindhq.measure(settings, PORTS.bindhq, Path(folder))
    table.add_row(f"{done.imported:,} bound policies to programs", f"{done.policies:.0f} s", "< 120 s")
    table.add_row("– counts that its page showed meanwhile", str(done.seen))
    table.add_row(f"Hourly sync, {bindhq.RETAILERS:,} agencies as they were", f"{done.unchanged:.1f} s", "< 10 s")
    return table


def _money(settings: Settings) -> Table:
    """Charging in bulk, webhooks, and the reconciler beside many settled payments."""
    table = Table(
        title="Money, PostgreSQL; the processor answers after 20 ms", title_justify="left", box=box.SIMPLE_HEAD
    )
    for name in "What", "measured", "wanted":
        table.add_column(name, justify="right" if name == "measured" else "left")
    owner = charging.prepare(settings)
    app = as_app(settings)
    with tempfile.TemporaryDirectory() as folder:
        with charging.sandbox(Path(folder), SANDBOXES) as urls:
            for who, done in charging.charge(app, urls).items():
                wanted = "≤ 20" if "calls" in who else "≥ 100"
                table.add_row(f"Charges a second, {who}", f"{done.per_second:.1f}", wanted)
        with charging.serving_web(app, PORTS, Path(folder)):
            table.add_row(
                "Webhooks a second, two workers", f"{charging.webhooks_per_second(app.base_url):.0f}", "≥ 150"
            )
    charging.open_some(owner)
    engine = make_engine(app.database_url)
    for size in FEW, charging.SETTLED:
        charging.settle_many(owner, size)
        seen = charging.look(engine, owner, size)
        table.add_row(f"Reconciler beside {size:,} settled: ms to find {charging.OPEN}", f"{seen.ms:.1f}", seen.plan)
    engine.dispose()
    owner.dispose()
    return table


def _browsed(home: str, filled: Filled, cookie: str) -> list[Table]:
    """Page weight, and Lighthouse."""
    pages = {"Home": home, "Program": f"{home}programs/{filled.program_id}", "Pay": f"{home}pay"}
    found, command = chromium(), lighthouse()
    if found is None:
        console.print("Page weight and Lighthouse: not measured, there is no Chromium. Set CHROMIUM to one.")
        return []
    weight = Table(title="A first visit, in Chromium: bytes", title_justify="left", box=box.SIMPLE_HEAD)
    for name in "Page", "over the wire", "HTML", "requests", "the processor's":
        weight.add_column(name, justify="left" if name == "Page" else "right")
    weight.add_column("wanted")
    for name, url in pages.items():
        w = weigh(found, url, cookie)
        sizes = (f"{w.wire_bytes:,}", f"{w.html_bytes:,}", str(w.requests), f"{w.processor_bytes:,}")
        weight.add_row(name, *sizes, "≤ 60 KB, ≤ 25 KB of HTML")
    if command is None:
        console.print("Lighthouse: not measured, it is not installed (npm install -g lighthouse, or set LIGHTHOUSE).")
        return [weight]
    scores = Table(title="Lighthouse, mobile: of 100", title_justify="left", box=box.SIMPLE_HEAD)
    for name in "Page", "performance", "accessibility":
        scores.add_column(name, justify="left" if name == "Page" else "right")
    scores.add_column("wanted")
    for name, url in {"Welcome": home, **pages}.items():
        s = score(command, found, url, "" if name == "Welcome" else cookie)
        shown = (str(s.performance), str(s.accessibility)) if s else ("gave up", "gave up")
        scores.add_row(name, *shown, "≥ 98, 100")
    return [weight, scores]


def _python() -> str:
    """Which Python, and whether it was built to be fast: without that everything takes a third longer."""
    optimised = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    return f"Python {platform.python_version()} built {'with' if optimised else 'without'} optimizations"


def _processor() -> str:
    """The machine's processor, as it calls itself."""
    names = Path("/proc/cpuinfo")
    lines = names.read_text().splitlines() if names.exists() else []
    found = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return found or platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
