"""What a report of a million rows takes as a file: seconds, megabytes, and by how much the process grows meanwhile."""

import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from benchmarks import staff
from benchmarks.alone import each_database
from benchmarks.in_process import Browser, Call
from benchmarks.many_invoices import Filled
from portal.app import create_app
from portal.web.services import EXTENSION

YEAR, ALL = "&first=2023-01-01&last=2023-12-31", "&first=2000-01-01&last=2099-12-31"
"""About an eighth of the rows, to compare with; and all."""
FILES = {
    "report of payments": ("/admin/reports/payments.csv", ""),
    "report of invoices": ("/admin/reports/invoices.csv", ""),
    "list of payments": ("/admin/payments.csv", "show=all"),
    "list of invoices": ("/admin/invoices.csv", "show=paid"),
}


@dataclass(frozen=True, slots=True)
class Written:
    """One file: its size, how long it took until the last byte, and the most by which the process has grown."""

    rows: int
    megabytes: float
    seconds: float
    grown_mb: float


class _Watch:
    """The most memory that this process has at once, looked at twenty times a second."""

    def __enter__(self) -> "_Watch":
        self.before = self.most = _resident_mb()
        self._ended = threading.Event()
        self._looking = threading.Thread(target=self._look)
        self._looking.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._ended.wait(0.05):
            self.most = max(self.most, _resident_mb())


def _resident_mb() -> float:
    """What this process has in memory; on Linux."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(filled: Filled) -> dict[str, tuple[Written, Written]]:
    """Each file with about an eighth of its rows, then with all."""
    app = create_app(filled.settings)
    cookie = staff.staff_cookie(app, filled.agency_id)
    browser = Browser(app, filled.settings.base_url.partition("://")[2], cookie)
    found = {}
    for what, (path, query) in FILES.items():
        found[what] = (_write(browser, path, query + YEAR), _write(browser, path, query + ALL))
    app.extensions[EXTENSION].engine.dispose()
    return found


def _write(browser: Browser, path: str, query: str) -> Written:
    rows = size = 0
    with _Watch() as watch:
        begun = time.perf_counter()
        for part in browser.parts(Call(path, query=query)):
            rows += part.count(b"\n")
            size += len(part)
        seconds = time.perf_counter() - begun
    return Written(rows - 1, size / 1e6, seconds, watch.most - watch.before)


def main() -> None:
    """`python -m benchmarks.report_files`: on both databases, or on the one named."""
    for kind, settings in each_database("files"):
        for what, written in measure(staff.fill(settings)).items():
            sys.stdout.write(f"{kind}, {what}: {written}\n")


if __name__ == "__main__":
    main()
