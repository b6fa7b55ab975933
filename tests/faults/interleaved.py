"""Many at work at once, one step of the protocol at a time, in any order: as Hypothesis finds them.

Payers, a run that charges many, staff who give back, banks, the worker, events that come late, twice, in any order or
are forged. Any of them may stop between two steps while the others go on, and go on later, or never. Once, an older
backup may be put in the database's place.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from portal.core.audit import SYSTEM
from portal.payments.apply import apply, stop
from portal.payments.bulk import charge_many
from portal.payments.claims import KeptMethod, Order
from portal.payments.gateway import GatewayError
from portal.payments.inbox import UnknownIntent, handle, sweep
from portal.payments.models import Payment
from portal.payments.money_back.refund import RefundOrder, refund
from portal.payments.reconcile import due, reconcile
from portal.payments.submit import submit
from portal.payments.till import Till
from tests.factories.desk import Desk
from tests.faults.actors import Actor
from tests.faults.backups import Backup, is_open
from tests.faults.figures import Figures
from tests.faults.recovery import Delivered, recover, run_jobs, worker
from tests.faults.street import ENDPOINTS, FAULTS
from tests.faults.verdict import NOT_CHARGED, judge
from tests.payments.test_bulk import keep, orders
from tests.sandbox.stripe.paying import books, control

CARDS = (
    "pm_card_visa",
    "pm_card_visa_chargeDeclined",
    "pm_card_threeDSecure2Required",
    "pm_usBankAccount_success",
    "pm_usBankAccount_success",
)
INVOICES = 4
SPANS = tuple(timedelta(minutes=minutes) for minutes in (1, 20, 25 * 60))
WHERE = st.sampled_from((0, 0, *range(1, 12)))
"""Where somebody stops: mostly somewhere, at times not at all."""
KINDS = ("payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled")


class Interleaved(RuleBasedStateMachine):
    """One history. A subclass says at which desk."""

    place: Callable[[], AbstractContextManager[Backup]]
    figures: Figures

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.backup = self.stack.enter_context(type(self).place())
        self.desk: Desk = self.backup.desk
        self.invoices = [self.desk.invoice() for _ in range(INVOICES)]
        self.method: KeptMethod = keep(self.desk)
        self.pressed: list[Order] = []
        self.waiting: list[Actor] = []
        self.told_not_charged: set[str] = set()
        self.delivered = Delivered()
        self.delivered_then: dict[tuple[str, str], int] | None = None
        self.was_restored = False
        self.is_open = True

    @precondition(lambda self: self.is_open)
    @rule(which=st.integers(0, INVOICES - 1), card=st.sampled_from(CARDS), where=WHERE)
    def pay(self, which: int, card: str, where: int) -> None:
        """A payer has agreed to a review and presses the button."""
        order = self.desk.order(self.invoices[which], card=card, request_key=f"page {len(self.pressed)}")
        if order.amount_cents:
            self.pressed.append(order)
            self._act("pay", lambda till: self._shown(submit(till, order)), where)

    @precondition(lambda self: self.pressed and self.is_open)
    @rule(which=st.integers(0, 9), where=WHERE)
    def press_again(self, which: int, where: int) -> None:
        """The same page is sent again, perhaps by a second tab."""
        order = self.pressed[which % len(self.pressed)]
        self._act("press again", lambda till: self._shown(submit(till, order)), where)

    @precondition(lambda self: self.is_open)
    @rule(number=st.integers(1, 3), where=WHERE)
    def charge_many(self, number: int, where: int) -> None:
        """What autopay does on a due date."""
        wanted = []
        for invoice in self.invoices[:number]:
            if cents := self.desk.invoice_state(invoice)[1]:
                (order,) = orders(self.method, invoice, cents=cents)
                wanted.append(replace(order, request_key=f"autopay:{invoice}:{self.figures.seen['many']}"))
        self._act("many", lambda till: charge_many(till, wanted), where)

    @precondition(lambda self: self.waiting)
    @rule(which=st.integers(0, 9), ends=st.booleans())
    def goes_on(self, which: int, ends: bool) -> None:
        """Somebody who had stopped goes on, or never will."""
        actor = self.waiting.pop(which % len(self.waiting))
        if ends:
            self.figures.seen["crashes"] += 1
            self.figures.crashed[actor.points.places[-1]] += 1
        actor.go_on(ends=ends)

    @precondition(lambda self: self.is_open)
    @rule(what=st.sampled_from(("complete", "fail", "comes back", "gives up")), where=WHERE)
    def bank_asks(self, what: str, where: int) -> None:
        """Whoever is asked by their bank answers there, comes back to our page, or gives up."""
        for payment in self._payments("action_required"):
            if what in {"complete", "fail"}:
                with suppress(OSError, GatewayError):
                    self.desk.decide(payment, what)
            elif what == "comes back":
                self._act(what, lambda till, it=payment: self._shown(apply(till, it.id, is_watched=True)), where)
            else:
                self._act(what, lambda till, it=payment: self._shown(stop(till, it, is_watched=True)), where)

    @rule(step=st.sampled_from(("settle", "fail", "return")))
    def debits(self, step: str) -> None:
        """The bank pays debits, sends them back, or takes back what it had paid."""
        for intent in self._books("payment_intents"):
            with suppress(OSError):
                control(self.desk.sandbox, f"debits/{intent['id']}/{step}")

    @rule(step=st.sampled_from(("open", "won", "lost", "reopen")))
    def disputes(self, step: str) -> None:
        """A cardholder's bank disputes the newest payment, or decides the newest dispute."""
        found = self._books("charges" if step == "open" else "disputes")[-1:]
        for each in found:
            with suppress(OSError):
                control(
                    self.desk.sandbox,
                    f"charges/{each['id']}/dispute" if step == "open" else f"disputes/{each['id']}/{step}",
                )

    @precondition(lambda self: self.is_open)
    @rule(cents=st.sampled_from((1, 10_000, 41_250)), where=WHERE)
    def give_back(self, cents: int, where: int) -> None:
        """Staff give a part of the oldest payment back, or all of it."""
        for payment in self._payments("succeeded")[:1]:
            paid = next(each for each in self._books("payment_intents") if each["id"] == payment.intent_id)
            number = int(paid["metadata"]["invoice_ids"])
            order = RefundOrder(f"back {self.figures.seen['refund']}", payment.id, "requested", {number: cents})
            self._act("refund", lambda till, it=order: refund(till, it, SYSTEM), where)

    @precondition(lambda self: self.is_open)
    @rule(chance=st.integers(0, 999), where=WHERE)
    def events(self, chance: int, where: int) -> None:
        """Events arrive: some, twice, in any order."""
        own = Random(chance)
        found = self.desk.processor.v1.events.list({"limit": 100}).data
        chosen = [(each.type, str(each.data.object["id"])) for each in own.choices(found, k=4)] if found else []

        def work(till: Till) -> None:
            for kind, object_id in chosen:
                with suppress(UnknownIntent, GatewayError):
                    handle(till, kind, object_id)

        self._act("events", work, where)

    @precondition(lambda self: self.is_open)
    @rule(kind=st.sampled_from(KINDS))
    def forged(self, kind: str) -> None:
        """Events that are not true have got as far as the inbox, about every payment that there is."""
        for intent_id in [*(each["id"] for each in self._books("payment_intents")), "pi_nobodys"]:
            with suppress(UnknownIntent, GatewayError):
                handle(self.desk.till, kind, intent_id)

    @precondition(lambda self: self.is_open)
    @rule(where=WHERE)
    def reconciler(self, where: int) -> None:
        """The worker looks at what is unfinished."""

        def work(till: Till) -> None:
            with till.reading() as session:
                waiting = due(session, till.now())
            for payment_id in waiting:
                with suppress(GatewayError):
                    reconcile(till, payment_id)

        self._act("reconcile", work, where)

    @rule(with_events=st.booleans())
    def work(self, with_events: bool) -> None:
        """Each of the worker's jobs runs once."""
        run_jobs(worker(self.desk, self.delivered), with_events=with_events)

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        """Here and at the processor."""
        self.desk.wait(span)

    @rule(endpoint=st.sampled_from(ENDPOINTS), kind=st.sampled_from(FAULTS))
    def fault(self, endpoint: str, kind: str) -> None:
        """The processor will fail at a call."""
        self.figures.seen[f"{kind} at the processor"] += 1
        self.desk.fault(endpoint, kind)

    @precondition(lambda self: self.delivered_then is None)
    @rule()
    def back_up(self) -> None:
        """Once, at any moment."""
        self.backup.take()
        self.delivered_then = dict(self.delivered.rows)

    @precondition(lambda self: self.delivered_then is not None and not self.was_restored)
    @rule(span=st.sampled_from(SPANS))
    def restore(self, span: timedelta) -> None:
        """Once: the machine is lost with all who are at work, and the older backup takes its place."""
        self._all_end()
        self.desk.wait(span)
        self.backup.restore()
        self.delivered.rows = dict(self.delivered_then or {})
        self.was_restored, self.is_open = True, False
        self.figures.seen["backups restored"] += 1

    @precondition(lambda self: not self.is_open)
    @rule()
    def read_again(self) -> None:
        """`flask after-restore`; when the processor does not answer the account stays closed."""
        with suppress(GatewayError):
            self.backup.read_again()
        self.is_open = is_open(self.desk)

    def teardown(self) -> None:
        """Everything calms down, and is looked at."""
        with self.stack:
            self._look()

    def _look(self) -> None:
        self._all_end()
        control(self.desk.sandbox, "faults", method="DELETE")
        if not is_open(self.desk):
            self.backup.read_again()
        sweep(self.desk.till)
        taken = recover(self.desk, self.delivered)
        figures = self.figures
        figures.slowest_minutes = max(figures.slowest_minutes, taken.total_seconds() / 60)
        figures.seen["charges"] += judge(self.desk, self.delivered, frozenset(self.told_not_charged))
        figures.seen["histories"] += 1

    def _act(self, name: str, work: Callable[[Till], object], where: int) -> None:
        self.figures.seen[name] += 1
        actor = Actor(self.desk.till, work, where)
        if actor.waits:
            self.waiting.append(actor)

    def _all_end(self) -> None:
        while self.waiting:
            self.waiting.pop().go_on(ends=True)

    def _shown(self, payment: Payment) -> None:
        if payment.state in NOT_CHARGED:
            self.told_not_charged.add(payment.reference)

    def _payments(self, state: str) -> list[Payment]:
        with self.desk.till.reading() as session:
            return list(session.scalars(select(Payment).where(Payment.state == state).order_by(Payment.id)))

    def _books(self, what: str) -> list[dict[str, Any]]:
        found = books(self.desk.sandbox, self.desk.till.account)
        return list(found[what]) if found else []


def interleave(place: Callable[[], AbstractContextManager[Backup]], seed: int, histories: int, steps: int) -> Figures:
    """So many histories, each at a fresh desk.

    Args:
        place: makes a desk, says where its backup goes, and clears up.
        steps: of each, at the most.
    """
    figures = Figures()
    chosen = type("Chosen", (Interleaved,), {"place": staticmethod(place), "figures": figures})
    run_state_machine_as_test(
        hypothesis.seed(seed)(chosen),
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
    return figures
