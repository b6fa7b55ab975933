"""How leased rows are worked: on a few threads, each failure kept to its own item, nothing begun too late.

A lease is a time written into the row by compare-and-set. It must outlast the work, or two workers would do
the same item; so an item is begun only in the lease's first part, and handlers bound their own network calls.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import structlog

Item = TypeVar("Item")

BATCH = 200
THREADS = 8
LEASE = timedelta(seconds=120)
BEGIN_WITHIN = timedelta(seconds=20)
RUN_FOR = timedelta(seconds=60)
STAFF_AFTER_ATTEMPTS = 10

_first_wait = timedelta(seconds=15)
_longest_wait = timedelta(hours=1)
_log = structlog.get_logger("portal.jobs")


class Postponed(Exception):
    """Nothing is wrong with an item: it is only too early for it."""


def wait_after(attempts: int) -> timedelta:
    """How long to leave an item alone after it failed.

    >>> wait_after(1), wait_after(3), wait_after(40)
    (datetime.timedelta(seconds=15), datetime.timedelta(seconds=60), datetime.timedelta(seconds=3600))
    """
    doubled: int = 2 ** min(attempts - 1, 20)
    return min(_first_wait * doubled, _longest_wait)


def time_for_a_run() -> Callable[[], bool]:
    """Whether a run of a drain may take another batch: rows put back because nothing answers must not keep it going."""
    last = time.monotonic() + RUN_FOR.total_seconds()
    return lambda: time.monotonic() < last


def work_leased(
    items: Sequence[Item],
    work: Callable[[Item], object],
    put_back: Callable[[Item], None],
    failed: Callable[[Item, str], None],
    *,
    threads: int = THREADS,
) -> None:
    """Work a batch of items that have just been leased.

    Args:
        items: what was leased.
        work: does one item and marks it done.
        put_back: ends the lease of an item that was not begun in time.
        failed: notes what went wrong with an item, so that it is tried again later.
        threads: how many are worked at once.
    """
    last_start = time.monotonic() + BEGIN_WITHIN.total_seconds()

    def begin(item: Item) -> None:
        if time.monotonic() < last_start:
            work(item)
        else:
            put_back(item)

    with ThreadPoolExecutor(threads, thread_name_prefix="item") as pool:
        pending = [(item, pool.submit(begin, item)) for item in items]
    for item, future in pending:
        error = future.exception()
        if error is None:
            continue
        if not isinstance(error, Exception):
            raise error
        if not isinstance(error, Postponed):
            _log.warning("item.failed", item=getattr(item, "id", None), error=type(error).__name__, exc_info=error)
        failed(item, f"{type(error).__name__}: {error}"[:500])
