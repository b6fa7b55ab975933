"""Somebody at work who stops at a point, between two steps of the protocol, and goes on or ends there when told."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

from portal.core.errors import PortalError
from portal.payments.gateway import GatewayError
from portal.payments.inbox import UnknownIntent
from portal.payments.till import Till
from tests.payments.interruptions import Crash, Points, interrupted

LONGEST_STEP_SECONDS = 60.0


@dataclass
class Stops(Points):
    """Points at one of which a thread waits; never before a commit, where it would hold the database.

    Args:
        stop_at: the number of the first point at which it may, from 1; 0 for nowhere.
        stopped: it waits there, or has come to its end.
        told: it has been told what to do.
        ends: it ends where it waits.
    """

    stop_at: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)
    told: threading.Event = field(default_factory=threading.Event)
    ends: bool = False

    def at(self, name: str) -> None:
        super().at(name)
        if name == "before commit" or not 0 < self.stop_at <= len(self.passed) or self.told.is_set():
            return
        self.stopped.set()
        assert self.told.wait(LONGEST_STEP_SECONDS), "nobody says how to go on"
        if self.ends:
            raise Crash(name)


class Actor:
    """Work in a thread of its own, until it stops.

    Args:
        till: where it works.
        work: what it does there.
        stop_at: see `Stops`.
    """

    is_over = False

    def __init__(self, till: Till, work: Callable[[Till], object], stop_at: int) -> None:
        self._till, self._work = till, work
        self.points = Stops(stop_at=stop_at)
        threads = ThreadPoolExecutor(1, thread_name_prefix="actor")
        self._done = threads.submit(self._run)
        threads.shutdown(wait=False)
        assert self.points.stopped.wait(LONGEST_STEP_SECONDS), "it does not come to its point"
        if not self.waits:
            self._done.result()

    def _run(self) -> None:
        try:
            with (
                interrupted(self._till, self.points) as till,
                suppress(Crash, GatewayError, UnknownIntent, PortalError),
            ):
                self._work(till)
        finally:
            self.is_over = True
            self.points.stopped.set()

    def go_on(self, *, ends: bool = False) -> None:
        """Go on to the end, or end at the point where it waits.

        Raises:
            Exception: what went wrong there.
        """
        self.points.ends = ends
        self.points.told.set()
        self._done.result(LONGEST_STEP_SECONDS)

    @property
    def waits(self) -> bool:
        """Whether it has stopped on its way."""
        return not self.is_over
