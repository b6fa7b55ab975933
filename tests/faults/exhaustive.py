"""Every way to cut a story off: a golden run counts its points and calls, then each is tried, and pairs of them.

A history is a story with a crash, a fault or both; then the worker recovers, perhaps with a crash or a fault of its
own; then the worker recovers in peace, what was late arrives, and both sides' books are compared.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count, product

from portal.core.errors import Conflict
from portal.payments.gateway import GatewayError
from portal.payments.models import Payment
from tests.factories.desk import Desk
from tests.faults.figures import Figures
from tests.faults.recovery import Delivered, recover, run_jobs, worker
from tests.faults.story import Story
from tests.faults.verdict import NOT_CHARGED, judge
from tests.payments.interruptions import Crash, Points, interrupted

FAULTS = {
    "never arrived": "never arrived",
    "answer lost": "answer lost",
    "late": "late",
    "429": "rate_limit",
    "409": "conflict",
    "500, not done": "error_before",
    "500, done": "error_after",
}
"""What a call to the processor can meet -> how `Points` calls it, or the switch at the sandbox."""


@dataclass(frozen=True)
class Trouble:
    """Where it goes wrong: at which point the process ends, at which call what happens. None and 0 for nowhere."""

    crash_at: int | None = None
    call: int = 0
    fault: str = ""

    def points(self, desk: Desk) -> Points:
        """The points of one run."""
        loses = {self.call: FAULTS[self.fault]} if self.fault else {}
        return Points(self.crash_at, loses, lambda kind: desk.fault("*", kind))


PEACE = Trouble()
NEVER = 1_000_000
"""A point that nothing reaches."""


@dataclass
class Trial:
    """A desk at which one history follows the other, and what was seen there."""

    desk: Desk
    figures: Figures = field(default_factory=Figures)
    delivered: Delivered = field(default_factory=Delivered)
    told_not_charged: set[str] = field(default_factory=set)

    def told(self, payment: Payment) -> None:
        """The payer is shown this."""
        if payment.state in NOT_CHARGED:
            self.told_not_charged.add(payment.reference)

    def history(self, story: Story, first: Trouble, second: Trouble = PEACE) -> tuple[Points, Points]:
        """One history, looked at in the end. Every other time no event arrives, and the reconciler is alone.

        Args:
            first: what goes wrong in the story.
            second: what goes wrong when the worker recovers, three minutes later.

        Returns:
            What the story has passed, and what the recovery has.
        """
        desk, with_events = self.desk, self.figures.seen["histories"] % 2 == 0
        begun = story.begin(desk)
        before, after = first.points(desk), second.points(desk)
        whole = story.in_all_threads
        with interrupted(desk.till, before, in_all_threads=whole) as till, suppress(Crash, GatewayError, Conflict):
            story.go(desk, till, begun, self.told)
        story.later(desk, begun)
        desk.wait(timedelta(minutes=3))
        if second != PEACE:
            with interrupted(desk.till, after, in_all_threads=True) as till, suppress(Crash):
                run_jobs(worker(replace(desk, till=till), self.delivered), with_events=True)
        else:
            run_jobs(worker(desk, self.delivered), with_events=with_events)
        before.arrive()
        story.later(desk, begun)
        taken = recover(desk, self.delivered, with_events=with_events)
        if after.late:
            after.arrive()
            taken += recover(desk, self.delivered)
        self.figures.slowest_minutes = max(self.figures.slowest_minutes, taken.total_seconds() / 60)
        self.figures.seen["charges"] = judge(desk, self.delivered, frozenset(self.told_not_charged))
        self._count(first, before)
        self._count(second, after)
        self.figures.seen["histories"] += 1
        desk.wait(timedelta(hours=3))  # so that the next sweep does not read this history again
        return before, after

    def _count(self, trouble: Trouble, points: Points) -> None:
        """What of a trouble has come to pass, and where."""
        if trouble.crash_at is not None and len(points.passed) == trouble.crash_at:
            self.figures.seen["crashes"] += 1
            self.figures.crashed[points.places[-1]] += 1
        if trouble.fault and points.calls >= trouble.call:
            self.figures.seen[f"fault: {trouble.fault}"] += 1


def golden(trial: Trial, story: Story) -> Points:
    """The story without trouble: how many points and calls it has."""
    whole, _ = trial.history(story, PEACE)
    assert whole.calls >= story.calls
    return whole


def one_trouble(trial: Trial, story: Story, chosen: Callable[[list[Trouble]], Iterable[Trouble]] = iter) -> None:
    """A crash at every point, and every fault at every call.

    Args:
        chosen: which of them to try, instead of all.
    """
    whole = golden(trial, story)
    troubles = [Trouble(crash_at) for crash_at in range(1, len(whole.passed) + 1)]
    troubles += [Trouble(None, call, fault) for call, fault in product(range(1, whole.calls + 1), FAULTS)]
    for trouble in chosen(troubles):
        trial.history(story, trouble)


def crash_and_fault(trial: Trial, story: Story, call: int, fault: str) -> None:
    """A fault at a call, and a crash at every point after it."""
    golden(trial, story)
    for crash_at in count(1):
        passed, _ = trial.history(story, Trouble(crash_at, call, fault))
        if len(passed.passed) < crash_at:
            return


def crash_twice(trial: Trial, story: Story, shard: int, shards: int) -> None:
    """A crash at every point, and for each a second one at every point of the recovery."""
    for first in range(1 + shard, len(golden(trial, story).passed) + 1, shards):
        until_passed(trial, story, Trouble(first))


def fault_then_crash(trial: Trial, story: Story, call: int, fault: str) -> None:
    """A fault at a call, and a crash at every point of the recovery."""
    golden(trial, story)
    until_passed(trial, story, Trouble(None, call, fault))


def until_passed(trial: Trial, story: Story, first: Trouble) -> None:
    """A crash at every point of the recovery after a trouble, as many as it has where it gets through.

    They are counted once: histories before leave their disputes to be read again, so that each recovery has more.
    """
    _, through = trial.history(story, first, Trouble(NEVER))
    for crash_at in range(1, len(through.passed) + 1):
        trial.history(story, first, Trouble(crash_at))


def two_faults(trial: Trial, story: Story, call: int, first: str, second: str) -> None:
    """A fault at a call, and another at every call of the recovery."""
    golden(trial, story)
    for again in count(1):
        _, recovery = trial.history(story, Trouble(None, call, first), Trouble(None, again, second))
        if recovery.calls < again:
            return
