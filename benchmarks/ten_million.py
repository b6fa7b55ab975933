"""Home and program page of an insured beside a million programs and ten million invoices of others, and beside few."""

import os
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from sqlalchemy import Engine

from benchmarks import staff
from benchmarks.alone import PORTS
from benchmarks.in_process import Browser, Call, session_cookie, watched
from benchmarks.many_invoices import Filled
from benchmarks.million import EACH, PROGRAMS, installments
from benchmarks.postgresql import make_database, postgresql, settle
from portal.app import create_app
from portal.cli.demo_settings import demo_settings
from portal.core.db import make_engine
from portal.core.logs import configure_logs
from portal.settings import Settings
from portal.web.services import EXTENSION

FEW = 1_000
WARM_UP, ROUNDS, IN_A_ROUND, WATCHED = 60, 40, 20, 100


@dataclass(frozen=True, slots=True)
class Beside:
    """A page's milliseconds, the median of the best round; of its queries the median; beside few and many."""

    few_ms: float
    many_ms: float
    few_query_ms: float
    many_query_ms: float


def add_installments(owner: Settings, filled: Filled, programs: int) -> Filled:
    """Nine invoices more for each of the programs that `staff.fill` has made.

    Args:
        owner: the same database, by the role that owns it.
    """
    engine = make_engine(owner.database_url)
    installments(engine, filled.agency_id, programs)
    settle(engine)
    engine.dispose()
    return replace(filled, invoices=EACH * programs)


def measure(few: Filled, many: Filled) -> dict[str, Beside]:
    """Home and program page, each round of the one followed by a round of the other: what disturbs them is shared."""
    pair = [_Asked(filled) for filled in (few, many)]
    found = {}
    for page in "Home", "Program":
        for asked in pair:
            asked.round(page, WARM_UP)
        rounds = [[asked.round(page, IN_A_ROUND) for asked in pair] for _ in range(ROUNDS)]
        best = [min(taken) for taken in zip(*rounds, strict=True)]
        found[page] = Beside(*best, *(asked.queries(page) for asked in pair))
    for asked in pair:
        asked.engine.dispose()
    return found


class _Asked:
    """The portal on one of the databases, with the insured signed in."""

    def __init__(self, filled: Filled) -> None:
        app = create_app(filled.settings)
        self.engine: Engine = app.extensions[EXTENSION].engine
        host = filled.settings.base_url.partition("://")[2]
        self._browser = Browser(app, host, session_cookie(app, filled.agency_id))
        self._calls = {"Home": Call("/"), "Program": Call(f"/programs/{filled.program_id}")}

    def round(self, page: str, requests: int) -> float:
        """The median in ms of so many requests."""
        taken = []
        for _ in range(requests):
            ms, status, _body = self._browser.answer(self._calls[page])
            assert status.startswith("200"), status
            taken.append(ms)
        return median(taken)

    def queries(self, page: str) -> float:
        """The median in ms that a request spends in its queries."""
        taken = []
        for _ in range(WATCHED):
            with watched(self.engine) as watch:
                self._browser.answer(self._calls[page])
            taken.append(watch.milliseconds)
        return median(taken)


def main() -> None:
    """`python -m benchmarks.ten_million`: on PostgreSQL; about half an hour, nearly all of it to make the rows."""
    with Path(os.devnull).open("w") as nowhere, tempfile.TemporaryDirectory() as folder, postgresql() as server:
        configure_logs(nowhere)
        settings = demo_settings(Path(folder), PORTS)
        filled = []
        for programs in FEW, PROGRAMS:
            owner = settings.model_copy(update={"database_url": make_database(server, f"bench_{programs}")})
            filled.append(add_installments(owner, staff.fill(owner, programs), programs))
        for page, beside in measure(*filled).items():
            sys.stdout.write(f"{page}: {beside}, ratio {beside.many_ms / beside.few_ms:.2f}\n")


if __name__ == "__main__":
    main()
