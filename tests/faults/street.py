"""Many payers, a bank, a worker and a bad network at one till, all at random."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from sqlalchemy import select

from portal.core.audit import SYSTEM
from portal.core.db import run_unit
from portal.core.errors import Conflict, IllegalMove
from portal.core.tenancy import reading_global
from portal.payments.apply import apply, stop
from portal.payments.claims import Order
from portal.payments.gateway import GatewayError
from portal.payments.inbox import UnknownIntent, handle, sweep
from portal.payments.models import GatewayEvent, Payment
from portal.payments.reconcile import due, reconcile
from portal.payments.submit import submit
from portal.payments.till import Till
from portal.programs.models import Program
from portal.servicing.archive import archive
from tests.factories.desk import Desk
from tests.faults.figures import Figures
from tests.faults.recovery import Delivered, recover, run_jobs, worker
from tests.faults.verdict import NOT_CHARGED, judge
from tests.payments.interruptions import Crash, Points, interrupted
from tests.sandbox.stripe.paying import control

CARDS = (
    "pm_card_visa",
    "pm_card_visa",
    "pm_card_visa_chargeDeclined",
    "pm_card_visa_chargeDeclinedInsufficientFunds",
    "pm_card_threeDSecure2Required",
)
ENDPOINTS = ("payment_intents.create", "payment_intents.confirm", "payment_intents.retrieve", "payment_intents.cancel")
FAULTS = ("error_before", "error_after", "rate_limit", "lock_timeout", "conflict")
SPANS = tuple(timedelta(minutes=minutes) for minutes in (0.3, 3, 16, 31, 25 * 60))


@dataclass
class Street:
    """One history after the other at a desk whose sandbox nobody else uses."""

    desk: Desk
    chance: Random
    invoices: list[int] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    told_not_charged: set[str] = field(default_factory=set)
    delivered: Delivered = field(default_factory=Delivered)
    figures: Figures = field(default_factory=Figures)

    @property
    def seen(self) -> Counter[str]:
        """What happened, counted."""
        return self.figures.seen

    def history(self, steps: int = 12) -> None:
        """Some invoices, some steps of up to three things at once; then everything calms down and is looked at."""
        self.invoices = [self.desk.invoice(in_program=self.chance.random() < 0.5) for _ in range(4)]
        self.orders = []
        for _ in range(steps):
            with ThreadPoolExecutor(3) as threads:
                done = [threads.submit(self._one, *self._chosen()) for _ in range(self.chance.randint(1, 3))]
            for each in done:
                each.result()
        control(self.desk.sandbox, "faults", method="DELETE")
        with_events = self.chance.random() < 0.5
        run_jobs(worker(self.desk, self.delivered), with_events=with_events)
        taken = recover(self.desk, self.delivered, with_events=with_events)
        self.figures.slowest_minutes = max(self.figures.slowest_minutes, taken.total_seconds() / 60)
        self.seen["charges"] = judge(self.desk, self.delivered, frozenset(self.told_not_charged))
        self.seen["histories"] += 1

    def _chosen(self) -> tuple[Callable[[Till, Random], None], Points, Random]:
        actions = (self._pay, self._pay, self._press_again, self._bank, self._events, self._work, self._archive)
        action = self.chance.choice((*actions, self._fault, self._wait))
        own = Random(self.chance.random())
        points = Points(
            crash_at=own.randint(1, 8) if own.random() < 0.25 else None,
            loses={own.randint(1, 3): own.choice(("never arrived", "answer lost"))} if own.random() < 0.25 else {},
        )
        return action, points, own

    def _one(self, action: Callable[[Till, Random], None], points: Points, own: Random) -> None:
        self.seen[action.__name__.strip("_")] += 1
        with interrupted(self.desk.till, points) as till:
            try:
                action(till, own)
            except Crash:
                self.seen["crashes"] += 1
            except (GatewayError, UnknownIntent):
                self.seen["no answer"] += 1
            except (Conflict, IllegalMove):
                self.seen["refused"] += 1

    def _pay(self, till: Till, own: Random) -> None:
        wanted = own.sample(self.invoices, own.randint(1, 2))
        order = self.desk.order(*wanted, card=own.choice(CARDS), request_key=f"{own.random()}")
        if order.amount_cents:
            self.orders.append(order)
            self._shown(submit(till, order))

    def _press_again(self, till: Till, own: Random) -> None:
        if self.orders:
            self._shown(submit(till, own.choice(self.orders)))

    def _shown(self, payment: Payment) -> None:
        self.seen[f"shown {payment.state}"] += 1
        if payment.state in NOT_CHARGED:
            self.told_not_charged.add(payment.reference)

    def _bank(self, till: Till, own: Random) -> None:
        """Someone whose bank asks says yes, says no, comes back to the page, or gives up."""
        for payment in self._payments("action_required"):
            what = own.choice(("complete", "fail", "come back", "give up"))
            if what in {"complete", "fail"}:
                with suppress(OSError):  # it was cancelled meanwhile
                    self.desk.decide(payment, what)
            elif what == "come back":
                self._shown(apply(till, payment.id, is_watched=True))
            else:
                self._shown(stop(till, payment, is_watched=True))

    def _events(self, till: Till, own: Random) -> None:
        """Events arrive: some, twice, in any order."""
        sweep(till)
        with reading_global(till.engine) as session:
            events = list(session.execute(select(GatewayEvent.kind, GatewayEvent.object_id)))
        for kind, intent_id in own.choices(events, k=min(4, len(events))) if events else []:
            handle(till, kind, intent_id)

    def _work(self, till: Till, own: Random) -> None:
        with till.reading() as session:
            waiting = due(session, till.now())
        for payment_id in waiting:
            reconcile(till, payment_id)

    def _archive(self, till: Till, own: Random) -> None:
        def unit() -> None:
            with till.writing() as session:
                programs = session.scalars(select(Program).where(Program.archived_at.is_(None))).all()
                if programs:
                    archive(session, own.choice(programs), SYSTEM, till.now())

        run_unit(unit)

    def _fault(self, till: Till, own: Random) -> None:
        self.desk.fault(own.choice(ENDPOINTS), own.choice(FAULTS), count=own.randint(1, 3))

    def _wait(self, till: Till, own: Random) -> None:
        self.desk.wait(own.choice(SPANS))

    def _payments(self, state: str) -> list[Payment]:
        with self.desk.till.reading() as session:
            return list(session.scalars(select(Payment).where(Payment.state == state)))
