"""Two agencies in two time zones, one worker, and a calendar that only the test turns."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine

from portal.agencies.directory import Directory
from portal.agencies.keys import ProcessorKeys
from portal.cli.payment_jobs import PaymentJobs
from portal.core.audit import SYSTEM
from portal.core.tenancy import writing
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.financing.offers import Plan
from portal.financing.terms import TermsDraft, set_terms
from portal.jobs.context import JobContext, OutboxItem
from portal.jobs.schedule import SCHEDULE
from portal.payments.gateway import Gateway
from portal.sandbox.stripe.server import Running
from portal.servicing.late.notices import Paper
from tests.factories.desk import Clock, Desk, open_desk
from tests.factories.financing import LENDING
from tests.factories.mail import RENDERER
from tests.factories.people import BOX
from tests.faults.recovery import NOT_ABOUT_MONEY, RARE, Delivered
from tests.payments.interruptions import Crash, Interrupted, Points, interrupted
from tests.sandbox.stripe.paying import control

BEGINS = datetime(2031, 1, 6, 15, tzinfo=UTC)
"""Far enough ahead of the real day: the sandbox's clock only goes forward."""
ZONES = {"harbor": "America/New_York", "pacific": "America/Los_Angeles"}
NIGHTLY = frozenset({*RARE, "money_back", "compare_books"})
LAST = ("reconcile", "drain_inbox", "drain_outbox")
"""What brings to its end what the others have begun, a few minutes later."""
NOTICES = {"harbor": "send", "pacific": "off"}
"""Notices of intent to cancel: by themselves, or none."""
SOON = timedelta(minutes=3)
TERMS = TermsDraft(
    True,
    LENDING.down_payment_rate,
    LENDING.note_rate,
    (Plan(9), Plan(6), Plan(10), Plan(3, 3)),
    "actuarial",
    "Empire Premium Funding",
    "1 Wall St\nNew York, NY 10005",
)


class Calendar(Clock):
    """Stands still until it is turned."""

    def __init__(self) -> None:
        super().__init__()
        self.at = BEGINS

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Post(Delivered):
    """Every row of the outbox once, as the mail jobs do it: what has left does not leave again after a crash.

    Args:
        left: (agency, kind, what it is about) -> the keys under which it left.
    """

    left: dict[tuple[int, str, str], set[str]] = field(default_factory=dict)

    def _deliver(self, item: OutboxItem) -> None:
        super()._deliver(item)
        about = item.agency_id, item.kind, str(sorted(item.payload.items()))
        self.left.setdefault(about, set()).add(item.dedupe_key)

    def twice(self) -> list[tuple[int, str, str]]:
        """What left under two keys though it is about the same: a mail that somebody would get twice."""
        return [about for about, keys in self.left.items() if len(keys) > 1]


@dataclass
class Town:
    """The agencies, what the worker has sent for each, and the sandbox whose clock goes with theirs.

    Args:
        hears: the processor's events arrive, at the latest in the night; else the reconciler is alone.
    """

    engine: Engine
    sandbox: Running
    calendar: Calendar
    desks: Sequence[Desk]
    hears: bool = True
    post: Post = field(default_factory=Post)
    _context: JobContext | None = None

    def turn_to(self, at: datetime) -> None:
        """It is later, here and at the processor."""
        self.calendar.at = at
        there = control(self.sandbox, "clock", method="GET")["now"]
        ahead = int(at.timestamp()) - there
        if ahead > 0:
            control(self.sandbox, "clock", {"advance_seconds": ahead})

    def restart(self) -> None:
        """The worker ends; what it knew is gone, and its connections."""
        self._context = None
        self.engine.dispose()

    def work(self, *, is_night: bool) -> None:
        """Each job about money once, then what followed from them."""
        self._context = self._context or self._plug({desk.till.account: desk.till.gateway for desk in self.desks})
        self._run(self._context, is_night=is_night)

    def work_and_die(self, chance: Random, *, is_night: bool) -> bool:
        """The same, but the worker may end anywhere; says whether it did. The next one begins afresh."""
        points = Points(crash_at=chance.randint(1, 40))
        gateways: dict[str, Gateway] = {
            desk.till.account: Interrupted(desk.till.gateway, points)  # type: ignore[dict-item]  # by __getattr__
            for desk in self.desks
        }
        has_died = False
        with ExitStack() as hooks:
            hooks.enter_context(interrupted(self.desks[0].till, points, in_all_threads=True))
            try:
                self._run(self._plug(gateways), is_night=is_night)
            except Crash:
                has_died = True
        self.restart()
        return has_died

    def today(self, desk: Desk) -> date:
        """The day at an agency."""
        return desk.till.today()

    def _run(self, context: JobContext, *, is_night: bool) -> None:
        for job in SCHEDULE:
            is_left_out = (job.name in NIGHTLY and not is_night) or (job.name in RARE and not self.hears)
            if job.name not in NOT_ABOUT_MONEY and not is_left_out:
                job.run(context)
        self.turn_to(self.calendar.at + SOON)
        for job in SCHEDULE:
            if job.name in LAST:
                job.run(context)

    def _paper(self, agency_id: int) -> Paper:
        agency = next(desk.agency for desk in self.desks if desk.agency.id == agency_id)
        return Paper(agency, RENDERER, lambda token: f"https://portal.example/pay/{token}")

    def _plug(self, gateways: dict[str, Gateway]) -> JobContext:
        def gateway(keys: ProcessorKeys) -> Gateway:
            return gateways[keys.account]

        payments = PaymentJobs(self.engine, Directory(self.engine), BOX, gateway, self.calendar)
        self.post.own = payments.handlers()
        parts: dict[str, Any] = {
            "engine": self.engine,
            "paper": self._paper,
            "outbox": self.post,
            "audit_key": b"of the tests",
            "now": self.calendar,
        }
        for part in fields(JobContext):
            if part.name not in parts:
                parts[part.name] = getattr(payments, part.name, lambda _agency_id: None)
        return JobContext(**parts)


def found_town(engine: Engine, sandbox: Running, *, hears: bool = True) -> Town:
    """Two agencies that lend, on the first day."""
    calendar = Calendar()
    desks = [open_desk(engine, sandbox, clock=calendar, slug=slug, time_zone=zone) for slug, zone in ZONES.items()]
    town = Town(engine, sandbox, calendar, desks, hears)
    town.turn_to(BEGINS)
    for desk in desks:
        with writing(engine, desk.agency.id) as session:
            set_terms(session, TERMS, None, SYSTEM, BEGINS)
            set_late_terms(session, LateTerms(notices=NOTICES[desk.agency.slug]), SYSTEM, BEGINS)
    return town
