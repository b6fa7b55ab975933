"""A worker of its own process for the tests: delivers outbox rows of kind `note` by writing them to a file.

Arguments: database URL, file, seconds that a delivery takes. Prints "ready", stops on SIGTERM.
"""

import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import portal.models  # noqa: F401 - registers every table
from portal.core.db import make_engine
from portal.jobs.context import EventItem, JobContext, OutboxItem
from portal.jobs.worker import start_worker, stop_worker
from tests.factories.late import no_paper


def main(database_url: str, target: Path, seconds: float) -> None:
    def deliver(item: OutboxItem) -> None:
        note("begun", item)
        time.sleep(seconds)
        note("delivered", item)

    def note(what: str, item: OutboxItem) -> None:
        with target.open("a") as file:
            file.write(f"{what} {item.dedupe_key} {time.time()}\n")

    def handle(item: EventItem) -> str:
        return "ignored"

    context = JobContext(
        engine=make_engine(database_url),
        outbox={"note": deliver},
        handle_event=handle,
        reconcile=lambda _agency_id: None,
        autopay=lambda _agency_id: None,
        sweep_events=lambda _agency_id: None,
        money_back=lambda _agency_id: None,
        read_payouts=lambda _agency_id: None,
        compare_books=lambda _agency_id: None,
        import_policies=lambda _agency_id: None,
        sync_agencies=lambda _agency_id: None,
        send_receipts=lambda _agency_id: None,
        check_hosts=lambda _agency_id: None,
        paper=no_paper,
        audit_key=b"a key that only the tests know",
        now=lambda: datetime.now(UTC),
    )
    stop = threading.Event()
    for name in signal.SIGTERM, signal.SIGINT:
        signal.signal(name, lambda *_: stop.set())
    start_worker(context, database_url, "worker-1")
    print("ready", flush=True)
    stop.wait()
    stop_worker()
    print("stopped", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
