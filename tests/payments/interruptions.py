"""Processes that end anywhere, and calls to the processor whose answer is lost, comes late, or is an error."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import get_ident
from typing import Any, TypeVar

from portal.core.failpoints import set_hook
from portal.payments.gateway import Gateway, GatewayError, OutcomeUnknown
from portal.payments.till import Till

Answer = TypeVar("Answer")
PROJECT = Path(__file__).parents[2]
LOST = ("never arrived", "answer lost", "late")
"""How a call gets no answer: it never arrived; it did, and its answer is lost; it arrives when we have given up."""


class Crash(BaseException):
    """The process ends here: nothing after it is done, no handler is asked."""


@dataclass
class Points:
    """The places where a process can end: before and after each commit, before and after each call to the processor.

    Args:
        crash_at: the number of the point at which it does, from 1.
        dead_after: a point's name and how often it is passed: from the next one on, every thread ends where it is.
        loses: number of a call -> how it is lost, see LOST, or a fault that the processor is to show at it.
        show: switches such a fault on.
    """

    crash_at: int | None = None
    loses: Mapping[int, str] = field(default_factory=dict)
    show: Callable[[str], object] | None = None
    passed: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    calls: int = 0
    late: list[Callable[[], object]] = field(default_factory=list)
    dead_after: tuple[str, int] | None = None

    def at(self, name: str) -> None:
        if self.dead_after is not None and self.passed.count(self.dead_after[0]) >= self.dead_after[1]:
            raise Crash(name)
        self.passed.append(name)
        self.places.append(f"{place()}: {name}")
        if len(self.passed) == self.crash_at:
            raise Crash(name)

    def call(self, name: str, ask: Callable[[], Answer]) -> Answer:
        self.calls += 1
        how = self.loses.get(self.calls)
        self.at(f"before {name}")
        if how == "late":
            self.late.append(ask)
        if how in {"late", "never arrived"}:
            raise OutcomeUnknown(name)
        if how is not None and how not in LOST:
            assert self.show is not None
            self.show(how)
        answer = ask()
        self.at(f"after {name}")
        if how == "answer lost":
            raise OutcomeUnknown(name)
        return answer

    def arrive(self) -> None:
        """What was late arrives now, when nobody waits for its answer."""
        while self.late:
            try:
                self.late.pop(0)()
            except GatewayError:
                continue


@dataclass(frozen=True)
class Interrupted:
    """A gateway whose calls are points; looking at a confirmation token is none."""

    inner: Gateway
    points: Points

    def __getattr__(self, name: str) -> Any:
        """Every call that the protocol makes, also those that are yet to be written."""
        asked = getattr(self.inner, name)
        if name == "preview":
            return asked
        called = "create" if name == "create_intent" else name.replace("_", " ")
        return lambda *given, **named: self.points.call(called, lambda: asked(*given, **named))


def place() -> str:
    """The product's function that is at work, above the parts through which all of them reach the database."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        path = Path(frame.f_code.co_filename)
        if "portal" in path.parts and "tests" not in path.parts and path.name not in ("tenancy.py", "failpoints.py"):
            return f"{path.relative_to(PROJECT)} {frame.f_code.co_name}"
        frame = frame.f_back
    return "a test's own unit"


@contextmanager
def interrupted(till: Till, points: Points, *, in_all_threads: bool = False) -> Iterator[Till]:
    """The till of a process that ends, or loses answers, as the points say.

    Args:
        in_all_threads: commits of every thread are points, not of this one alone.
    """
    mine = get_ident()

    def passing(name: str) -> None:
        if name.endswith("commit") and (in_all_threads or get_ident() == mine):
            points.at(name)

    _hooks.append(passing)
    set_hook(_pass)
    try:
        yield replace(till, gateway=Interrupted(till.gateway, points))
    finally:
        _hooks.remove(passing)
        if not _hooks:
            set_hook(None)


_hooks: list[Callable[[str], None]] = []


def _pass(name: str) -> None:
    for passing in tuple(_hooks):
        passing(name)
