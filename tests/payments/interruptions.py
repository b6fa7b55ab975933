"""Processes that end anywhere, calls whose answer is lost, and what brings everything to its end afterwards."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import get_ident
from typing import TypeVar

from sqlalchemy import Connection, event, select

from portal.core.tenancy import reading_global
from portal.payments.gateway import (
    Acceptance,
    EventSeen,
    Gateway,
    GatewayError,
    Intent,
    MethodPreview,
    NewIntent,
    OutcomeUnknown,
)
from portal.payments.inbox import UnknownIntent, handle, sweep
from portal.payments.models import GatewayEvent, Payment
from portal.payments.reconcile import due, reconcile
from portal.payments.till import Till
from portal.payments.transitions import CLOSED
from tests.factories.desk import Desk
from tests.payments.interrupted_methods import InterruptedMethods

Answer = TypeVar("Answer")
LOST = {"never arrived": OutcomeUnknown, "answer lost": OutcomeUnknown}


class Crash(BaseException):
    """The process ends here: nothing after it is done, no handler is asked."""


@dataclass
class Points:
    """The places where a process can end: before each commit, before and after each call to the processor.

    Args:
        crash_at: the number of the point at which it does, from 1.
        loses: number of a call -> how it is lost, see LOST.
    """

    crash_at: int | None = None
    loses: Mapping[int, str] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    calls: int = 0

    def at(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.crash_at:
            raise Crash(name)

    def call(self, name: str, ask: Callable[[], Answer]) -> Answer:
        self.calls += 1
        how = self.loses.get(self.calls)
        self.at(f"before {name}")
        if how == "never arrived":
            raise LOST[how](name)
        answer = ask()
        self.at(f"after {name}")
        if how == "answer lost":
            raise LOST[how](name)
        return answer


@dataclass(frozen=True)
class Interrupted(InterruptedMethods):
    """A gateway whose calls are points."""

    inner: Gateway
    points: Points

    def preview(self, confirmation_token: str) -> MethodPreview:
        return self.inner.preview(confirmation_token)

    def create_intent(self, new: NewIntent) -> Intent:
        return self.points.call("create", lambda: self.inner.create_intent(new))

    def confirm(
        self, intent_id: str, confirmation_token: str, return_url: str, key: str, acceptance: Acceptance | None = None
    ) -> Intent:
        asked = intent_id, confirmation_token, return_url, key, acceptance
        return self.points.call("confirm", lambda: self.inner.confirm(*asked))

    def retrieve(self, intent_id: str) -> Intent:
        return self.points.call("retrieve", lambda: self.inner.retrieve(intent_id))

    def cancel(self, intent_id: str) -> Intent:
        return self.points.call("cancel", lambda: self.inner.cancel(intent_id))

    def intents_since(self, moment: datetime) -> Iterable[Intent]:
        return self.inner.intents_since(moment)

    def events_since(self, moment: datetime) -> Iterable[EventSeen]:
        return self.inner.events_since(moment)


@contextmanager
def interrupted(till: Till, points: Points) -> Iterator[Till]:
    """The till of a process that ends, or loses answers, as the points say."""

    mine = get_ident()

    def before_commit(connection: Connection) -> None:
        if get_ident() != mine:
            return
        try:
            points.at("before commit")
        except Crash:
            connection.invalidate()  # as the database sees it when the process is gone
            raise

    event.listen(till.engine, "commit", before_commit)
    try:
        yield replace(till, gateway=Interrupted(till.gateway, points))
    finally:
        event.remove(till.engine, "commit", before_commit)


def work_events(desk: Desk) -> None:
    """What the inbox's drain does."""
    with reading_global(desk.till.engine) as session:
        waiting = session.execute(
            select(GatewayEvent.kind, GatewayEvent.object_id)
            .where(GatewayEvent.account == desk.till.account, GatewayEvent.handled_at.is_(None))
            .order_by(GatewayEvent.id)
        ).all()
    for kind, object_id in waiting:
        try:
            handle(desk.till, kind, object_id)
        except (GatewayError, UnknownIntent):
            continue


def unsettled(desk: Desk) -> list[tuple[int, str]]:
    with desk.till.reading() as session:
        query = select(Payment.id, Payment.state).where(Payment.state.not_in(CLOSED))
        return [row.tuple() for row in session.execute(query)]


def converge(desk: Desk, *, with_events: bool) -> None:
    """Let the worker's jobs run until every payment has come to an end."""
    for _ in range(6):
        desk.clock.pass_(minutes=16)
        if with_events:
            sweep(desk.till)
            work_events(desk)
            desk.clock.pass_(minutes=1)
        with desk.till.reading() as session:
            waiting = due(session, desk.clock())
        for payment_id in waiting:
            with suppress(GatewayError):
                reconcile(desk.till, payment_id)
        if not unsettled(desk):
            return
    raise AssertionError(f"these payments do not come to an end: {unsettled(desk)}")
