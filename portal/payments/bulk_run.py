"""One run of charging in bulk: calls on threads, the database on the thread that runs it.

What has been answered meanwhile is written together: the more is under way, the fewer statements each charge costs.
Each payment still goes its own way, and none waits for another that fails.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from queue import Empty, SimpleQueue

from sqlalchemy.exc import SQLAlchemyError

from portal.core.db import run_unit
from portal.core.errors import PortalError
from portal.payments.bulk_claims import BulkOrder
from portal.payments.bulk_units import apply_all, may_be_shared, submit_all
from portal.payments.gateway import Intent, NewIntent
from portal.payments.method_kinds import charged_as
from portal.payments.models import Payment
from portal.payments.submit import answer_of, conclude, create, metadata_of, never
from portal.payments.till import Till

THREADS = 16
"""Calls of each kind under way at once, enough for 20 ms each."""
MOST_SUBMITTED = 2 * THREADS
"""So that none waits longer for its confirm than two calls take to time out: far from where the reconciler steps in."""
TOGETHER = timedelta(milliseconds=100)
"""How long what was answered waits for more that is under way."""

Answer = tuple[Payment, Intent | Payment]
"""A payment, and its intent as the processor has just answered; or the payment again, as it ended without one."""


class Run:
    """Payments that were begun, on their way. `add` gives it more, `step` brings all that can be brought on."""

    def __init__(self, till: Till, creating: ThreadPoolExecutor, confirming: ThreadPoolExecutor) -> None:
        self.ends: dict[str, str] = {}
        self.failed: list[BaseException] = []
        self._till = till
        self._threads = {"create": creating, "confirm": confirming}
        self._under_way = {"create": 0, "confirm": 0}
        self._done: SimpleQueue[tuple[str, Future[Answer]]] = SimpleQueue()
        self._created: list[tuple[Payment, Intent]] = []

    @property
    def not_created(self) -> int:
        """Payments whose intent is still to be made."""
        return self._under_way["create"]

    @property
    def is_over(self) -> bool:
        """Nothing is under way."""
        return not (self._created or any(self._under_way.values()))

    def add(self, payments: Sequence[tuple[Payment, BulkOrder]]) -> None:
        """S1 of payments that were begun."""
        for payment, order in payments:
            self._call("create", partial(_create, self._till, payment, order))

    def step(self) -> None:
        """Wait until something was answered, and write it."""
        answered: list[tuple[Payment, Intent]] = []
        for kind, future in self._answered():
            self._under_way[kind] -= 1
            if (error := future.exception()) is not None:
                self.failed.append(error)
                continue
            payment, answer = future.result()
            if isinstance(answer, Payment):
                self.ends[answer.request_key] = answer.state
            elif kind == "create":
                self._created.append((payment, answer))
            else:
                answered.append((payment, answer))
        self._apply(answered)
        self._submit()

    def _answered(self) -> Iterator[tuple[str, Future[Answer]]]:
        """What has ended: one, and what ends in the moment after it."""
        yield self._done.get()
        until, most = time.monotonic() + TOGETHER.total_seconds(), sum(self._under_way.values())
        for _ in range(most):
            try:
                yield self._done.get(timeout=max(0, until - time.monotonic()))
            except Empty:
                return

    def _submit(self) -> None:
        """T2 and T3 of as many as will soon be confirmed, then their S2."""
        room = MOST_SUBMITTED - self._under_way["confirm"]
        created, self._created = self._created[:room], self._created[room:]
        if not created:
            return
        submitted = run_unit(partial(submit_all, self._till, created))
        for payment, intent in created:
            ours = submitted.get(payment.id)
            if ours is None:
                self._call("create", partial(_never, self._till, payment, intent))
            else:
                self._call("confirm", partial(_confirm, self._till, ours, intent))

    def _apply(self, answered: Sequence[tuple[Payment, Intent]]) -> None:
        """T4: all that was simply paid together; whatever is different goes its own way."""
        plain = [each for each in answered if may_be_shared(*each)]
        try:
            written = run_unit(partial(apply_all, self._till, plain)) if plain else {}
        except (SQLAlchemyError, PortalError, ValueError):
            written = {}  # nothing of it was written: each by itself, so that it shows which one cannot be
        self.ends |= {payment.request_key: payment.state for payment in written.values()}
        for payment, intent in answered:
            if payment.id not in written:
                self._call("confirm", partial(_conclude, self._till, payment, intent))

    def _call(self, kind: str, work: Callable[[], Answer]) -> None:
        self._under_way[kind] += 1
        future = self._threads[kind].submit(work)
        future.add_done_callback(lambda ended: self._done.put((kind, ended)))


@contextmanager
def running(till: Till) -> Iterator[Run]:
    """A run with its threads; calls that were not begun are dropped if it ends before they were."""
    with (
        ThreadPoolExecutor(THREADS, thread_name_prefix="create") as creating,
        ThreadPoolExecutor(THREADS, thread_name_prefix="confirm") as confirming,
    ):
        try:
            yield Run(till, creating, confirming)
        finally:
            for threads in creating, confirming:
                threads.shutdown(wait=False, cancel_futures=True)


def _create(till: Till, payment: Payment, order: BulkOrder) -> Answer:
    """S1."""
    new = NewIntent(
        amount_cents=payment.charged_cents,
        key=f"pi:{payment.reference}:{payment.intent_number}",
        method_kinds=(charged_as(payment.method_kind),),
        description=payment.reference,
        metadata=metadata_of(till, payment, dict(sorted(order.reviewed.items()))),
        customer_id=order.method.customer_id,
        method_id=order.method.method_id,
    )
    return payment, create(till, payment, new)


def _confirm(till: Till, payment: Payment, intent: Intent) -> Answer:
    """S2."""
    key = f"cf:{payment.reference}:{payment.attempt}"
    return payment, answer_of(till, payment, lambda: till.gateway.confirm_kept(intent.id, key), is_watched=False)


def _conclude(till: Till, payment: Payment, intent: Intent) -> Answer:
    """T4 of one that goes its own way."""
    return payment, conclude(till, payment, intent, is_watched=False)


def _never(till: Till, payment: Payment, intent: Intent) -> Answer:
    """It was given up before it was submitted: its intent must not live."""
    return payment, never(till, payment.id, intent)
