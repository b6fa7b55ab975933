"""What the worker does after a crash, with its own jobs, while hours pass."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from structlog.testing import capture_logs

from portal.agencies.directory import Directory
from portal.cli.payment_jobs import PaymentJobs
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading_global
from portal.jobs.context import JobContext, OutboxHandler, OutboxItem
from portal.jobs.schedule import SCHEDULE, Job
from portal.payments.methods.models import MethodSetup
from portal.payments.methods.moves import SETTLED
from portal.payments.models import GatewayEvent, Payment
from portal.payments.money_back.models import Refund
from portal.payments.transitions import CLOSED
from tests.factories.desk import Desk
from tests.factories.late import paper_of
from tests.factories.people import BOX

NOT_ABOUT_MONEY = {
    *("heartbeat", "seal_audit", "forget_records", "forget_runs", "end_views"),
    *("import_policies", "sync_agencies", "send_receipts", "merge_partners", "draw_statements", "propose_payouts"),
}
"""What has no part in a payment; the histories of policies and of partners have their own."""
RARE = {"sweep_events", "read_payouts"}
OFTEN = {"drain_outbox", "drain_inbox", "reconcile"}
"""What the worker does at least once a minute. Everything that can be under way comes to its end by it."""
STEPS = (*[timedelta(minutes=16)] * 6, *[timedelta(hours=25)] * 4, *[timedelta(minutes=16)] * 2)
"""The clock's way to the end: past each age at which the reconciler acts, and past the day a bank debit settles."""


@dataclass
class Delivered:
    """Every kind of outbox row is delivered here, and counted; what is for the processor reaches it.

    Args:
        own: the product's handlers of what is no mail.
    """

    own: Mapping[str, OutboxHandler] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)

    def __getitem__(self, kind: str) -> Callable[[OutboxItem], None]:
        return self._deliver

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def _deliver(self, item: OutboxItem) -> None:
        if item.kind in self.own:
            self.own[item.kind](item)
        key = item.kind, item.dedupe_key
        self.rows[key] = self.rows.get(key, 0) + 1


def worker(desk: Desk, delivered: Delivered) -> JobContext:
    """The worker's context at a desk: the product's own jobs, its mails counted instead of sent."""
    directory = Directory(desk.till.engine)
    payments = PaymentJobs(desk.till.engine, directory, BOX, lambda _keys: desk.till.gateway, desk.clock)
    delivered.own = payments.handlers()
    parts: dict[str, Any] = {
        "engine": desk.till.engine,
        "outbox": delivered,
        "paper": lambda _agency_id: paper_of(desk),
        "audit_key": b"of the tests",
        "now": desk.clock,
    }
    for part in fields(JobContext):
        if part.name not in parts:
            parts[part.name] = getattr(payments, part.name, lambda _agency_id: None)
    return JobContext(**parts)


def run_jobs(context: JobContext, *, with_events: bool) -> None:
    """Each job about money once; without events the reconciler is alone."""
    left_out = NOT_ABOUT_MONEY if with_events else NOT_ABOUT_MONEY | RARE
    _run(context, [job for job in SCHEDULE if job.name not in left_out])


def _run(context: JobContext, jobs: Iterable[Job]) -> None:
    for job in jobs:
        job.run(context)


def recover(desk: Desk, delivered: Delivered, *, with_events: bool = True) -> timedelta:
    """Let the worker run until nothing is under way: what it does often at each step, and all else once that is done.

    Returns:
        How long that took, on the payers' clock.

    Raises:
        AssertionError: something does not come to its end, or a job fails, which would only be logged.
    """
    with capture_logs() as logged:
        taken = _until_settled(desk, delivered, with_events)
    assert not (failed := [each for each in logged if each["event"] == "job.failed"]), failed
    return taken


def _until_settled(desk: Desk, delivered: Delivered, with_events: bool) -> timedelta:
    context = worker(desk, delivered)
    often = [job for job in SCHEDULE if job.name in OFTEN]
    sweeping = [job for job in SCHEDULE if job.name in {*OFTEN, "sweep_events"}]
    taken = timedelta(0)
    for number, step in enumerate(STEPS):
        _run(context, sweeping if with_events and number % 3 == 0 else often)
        if not under_way(desk):
            run_jobs(context, with_events=with_events)
            _run(context, often)
            if not under_way(desk):
                return taken
        desk.wait(step)
        taken += step
    run_jobs(context, with_events=with_events)
    left = under_way(desk)
    assert not left, f"stuck: {left}"
    return taken


def under_way(desk: Desk) -> list[str]:
    """What has not come to its end."""
    with desk.till.reading() as session:
        open_payments = session.execute(select(Payment.id, Payment.state).where(Payment.state.not_in(CLOSED))).all()
        asked = session.execute(select(Refund.id, Refund.state).where(Refund.state == "requested")).all()
        setups = session.execute(
            select(MethodSetup.id, MethodSetup.state).where(MethodSetup.state.not_in(SETTLED))
        ).all()
        unsent = session.execute(select(OutboxRow.kind, OutboxRow.dedupe_key).where(OutboxRow.done_at.is_(None))).all()
    with reading_global(desk.till.engine) as session:
        events = session.scalars(
            select(func.count()).select_from(GatewayEvent).where(GatewayEvent.handled_at.is_(None))
        ).one()
    found = [f"payment {number} is {state}" for number, state in open_payments]
    found += [f"refund {number} is {state}" for number, state in asked]
    found += [f"the attempt {number} to keep a method is {state}" for number, state in setups]
    found += [f"{kind} {key} has not left" for kind, key in unsent]
    return found + ([f"{events} events are unhandled"] if events else [])
