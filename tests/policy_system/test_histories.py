"""Exactly once, whatever happens: histories of policies and money with BindHQ failing and workers dying anywhere.

A history binds, edits, endorses and voids in BindHQ, pays and refunds here, and lets the jobs run in between: each may
end at any commit or call, as a killed worker does, and BindHQ may fail at each of them. In the end everything is given
time. Then programs are bound policies, receipts are payments, none twice and none lost, and the books are sound. What
was paid here before the portal heard that it is void there has no invoice left for a receipt: staff are told of each.

A few in the tests; a thousand in `make faults`, half of them on each kind of database.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Engine, select

from portal.core.audit import Actor
from portal.core.failpoints import set_hook
from portal.core.staff_tasks import StaffTask
from portal.invoices.models import Invoice
from portal.payments.claims import Payer
from portal.payments.models import Claim, Payment
from portal.payments.money_back.refund import RefundOrder, refund
from portal.payments.offline import Received, clear_check, record_offline
from portal.policy_system.feed import poll
from portal.policy_system.intake import Heard, hear
from portal.policy_system.models import ImportRecord
from portal.policy_system.protocol import PolicySystemError
from portal.policy_system.receipt_models import PolicyReceipt
from portal.policy_system.receipt_plan import REFUSED
from portal.policy_system.work import work
from portal.programs.models import Program
from portal.sandbox.bindhq.server import Running as BindHQ
from portal.sandbox.bindhq.server import serve_in_thread
from portal.sandbox.stripe.server import Running
from tests.factories.bindhq import Both, open_both
from tests.factories.desk import open_desk
from tests.payments.interruptions import Crash

FULL = bool(os.environ.get("PORTAL_FULL_FAULTS"))
BATCHES, HISTORIES = (20, 25) if FULL else (1, 3)
"""On each kind of database, other ones; each batch at a new database, since all that there is is checked after each."""
STEPS = 10
SEED = 20_261_121
STAFF = Actor("staff", "bea@harbor.example")
FAULTS = ("rate_limit", "error_before", "error_after", "changed_schema", "half_filled")
FEED_FAULTS = ("event_twice", "event_old", "event_reordered")
WHERE = ("events.list", "policies.get", "endorsements.get", "invoices.list", "receipts.*", "receipts.create", "*")


class History:
    """One history."""

    def __init__(self, both: Both, chance: Random) -> None:
        self.both, self.chance = both, chance
        self.bound: list[str] = []
        self.crashes = 0
        self.forms = 0

    def live(self) -> list[str]:
        return [each["id"] for each in self.both.books_there()["policy"] if each["status"] != "voided"]

    def bind(self) -> None:
        billing = self.chance.choice(("direct_bill_insured", "agency_bill"))
        premium = self.chance.randrange(10_000, 900_000)
        made = self.both.there("policies", billing_type=billing, premium=premium, tax=self.chance.choice((0, 4_013)))
        self.bound.append(made["id"])

    def change(self) -> None:
        self.both.there(f"policies/{self.chance.choice(self.live())}/change", quote={"description": "changed"})

    def endorse(self) -> None:
        self.both.there(f"policies/{self.chance.choice(self.live())}/endorse", premium=self.chance.randrange(1, 90_000))

    def void(self) -> None:
        """Only of what nobody has paid: what becomes of the money is for staff."""
        paid = {each["policy_id"] for each in self.both.books_there()["invoice"] if self._is_paid(each["policy_id"])}
        if free := [each for each in self.live() if each not in paid]:
            self.both.there(f"policies/{self.chance.choice(free)}/void")

    def _is_paid(self, policy_id: str) -> bool:
        with self.both.desk.till.reading() as session:
            claims = (
                select(Claim.id)
                .join(Invoice, Invoice.id == Claim.invoice_id)
                .join(ImportRecord, ImportRecord.program_id == Invoice.program_id)
                .where((ImportRecord.object_id == policy_id) | (ImportRecord.parent_id == policy_id))
            )
            return session.scalar(claims.limit(1)) is not None

    def fail(self) -> None:
        kind = self.chance.choice((*FAULTS, *FEED_FAULTS))
        where = "*" if kind in FEED_FAULTS else "policies.get" if kind == "half_filled" else self.chance.choice(WHERE)
        self.both.there("faults", endpoint=where, kind=kind, count=self.chance.randrange(1, 9), seconds=0)

    def pay(self) -> None:
        desk = self.both.desk
        with desk.till.reading() as session:
            query = (
                select(Invoice.id, Invoice.open_cents)
                .join(Program, Program.id == Invoice.program_id)
                .where(Invoice.state == "open", Invoice.open_cents > 0, Program.archived_at.is_(None))
            )
            rows = session.execute(query.order_by(Invoice.id)).all()
        if not rows:
            return
        invoice_id, cents = self.chance.choice(rows)
        self.forms += 1
        payer = Payer("insured", "Ana", "", "en_US")
        received = Received(f"form-{self.forms}", "check", "7", desk.till.today(), cents, {invoice_id: cents}, payer)
        with desk.till.writing() as session:
            payment = record_offline(session, received, desk.agency.time_zone, STAFF, desk.clock())
            clear_check(session, payment.id, desk.till.today(), STAFF, desk.clock())

    def refund(self) -> None:
        with self.both.desk.till.reading() as session:
            query = select(Claim.payment_id, Claim.invoice_id, Claim.amount_cents - Claim.taken_back_cents)
            rows = session.execute(query.where(Claim.state == "consumed").order_by(Claim.id)).all()
        rows = [row for row in rows if row[2] > 0]
        if not rows:
            return
        payment_id, invoice_id, cents = self.chance.choice(rows)
        self.forms += 1
        part = self.chance.choice((cents, max(1, cents // 3)))
        order = RefundOrder(f"refund-{self.forms}", payment_id, "requested", {invoice_id: part}, hand_reference="9")
        refund(self.both.desk.till, order, STAFF)

    def run_jobs(self, *, may_die: bool) -> None:
        """The jobs once; where they may die, each ends at a point of its own, or at none."""
        both = self.both
        jobs: tuple[Callable[[], object], ...] = (
            lambda: poll(both.line, both.desk.clock),
            lambda: work(both.line, both.desk.clock, lambda: True),
            lambda: both.jobs().send_receipts(both.desk.agency.id),
            both.drain,
        )
        for job in jobs:
            with suppress(PolicySystemError):
                if may_die and self.chance.random() < 0.6:
                    self._until_it_dies(job)
                else:
                    job()

    def _until_it_dies(self, job: Callable[[], object]) -> None:
        left = self.chance.randrange(1, 14)

        def end(_name: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Crash

        set_hook(end)
        try:
            job()
        except Crash:
            self.crashes += 1
        finally:
            set_hook(None)

    def step(self) -> None:
        does = self.chance.choice(
            (self.bind, self.bind, self.change, self.endorse, self.void, self.pay, self.pay, self.refund, self.fail)
        )
        if does in (self.change, self.endorse) and not self.live():
            does = self.bind
        does()
        self.run_jobs(may_die=True)
        self.both.desk.clock.pass_(minutes=self.chance.choice((0, 6, 40)))

    def end(self) -> None:
        """All is well again, staff re-sync what has failed, and there is time."""
        self.both.there("faults/clear")
        self.bind()  # what is kept back comes after it
        for _ in range(4):
            with self.both.desk.till.writing() as session:
                failed = session.scalars(select(ImportRecord).where(ImportRecord.state == "failed")).all()
                news = [Heard(one.object_type, one.object_id, "staff:Bea") for one in failed]  # type: ignore[arg-type]
                hear(session, news, self.both.desk.clock())
            self.both.desk.clock.ahead += timedelta(hours=1)
            self.run_jobs(may_die=False)

    def check(self) -> None:
        there = self.both.books_there()
        with self.both.desk.till.reading() as session:
            records = session.scalars(select(ImportRecord).where(ImportRecord.object_type == "policy")).all()
            programs = session.execute(select(Program.id, Program.reference)).all()
            payments = session.scalars(select(Payment)).all()
            kept = {
                payment.id: sum(
                    session.scalars(
                        select(Claim.amount_cents - Claim.taken_back_cents).where(Claim.payment_id == payment.id)
                    )
                )
                for payment in payments
            }
        states = {record.object_id: record.state for record in records}
        for policy in there["policy"]:
            wanted = "voided" if policy["status"] == "voided" else "imported"
            assert states[policy["id"]] == wanted, (policy["id"], states)
        assert len(states) == len(there["policy"])
        named = [reference for _, reference in programs]
        assert len(named) == len(set(named))
        assert {record.program_id for record in records if record.program_id} <= {number for number, _ in programs}
        applied: dict[str, list[int]] = {}
        for receipt in there["receipt"]:
            if receipt["status"] != "voided":
                cents = int(receipt["amount"].replace(".", ""))
                applied.setdefault("-".join(receipt["external_id"].split("-")[:2]), []).append(cents)
        told = self._told_of_void()
        settled = {payment.reference: [kept[payment.id]] for payment in payments if kept[payment.id]}
        assert applied == {name: cents for name, cents in settled.items() if name not in told}
        assert set(self.both.states()) <= {"made", "voided", *(["refused"] if told else [])}
        assert self.both.desk.broken_rules() == []

    def _told_of_void(self) -> set[str]:
        """Payments whose receipt BindHQ refuses since it has voided what they paid: staff have both tasks of each."""
        voided = {each["id"] for each in self.both.books_there()["policy"] if each["status"] == "voided"}
        with self.both.desk.till.reading() as session:
            refused = session.scalars(select(PolicyReceipt).where(PolicyReceipt.state == "refused")).all()
            open_tasks = select(StaffTask.kind, StaffTask.ref).where(StaffTask.closed_at.is_(None))
            tasks = set(session.execute(open_tasks))
            for each in refused:
                assert (REFUSED, f"{each.source_id}:{each.external_id}") in tasks
                paid = select(Invoice.program_id).where(Invoice.id.in_([number for number, _ in each.parts]))
                records = select(ImportRecord).where(ImportRecord.program_id.in_(paid))
                for record in session.scalars(records).all():
                    assert (record.parent_id or record.object_id) in voided
                    assert any(kind == "policy_system.voided_paid" for kind, _ in tasks)
        return {each.reference for each in refused}


@pytest.fixture(scope="module")
def bindhq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BindHQ]:
    with closing(serve_in_thread(tmp_path_factory.mktemp("bindhq") / "bindhq.db")) as running:
        yield running


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("batch", range(BATCHES))
def test_programs_are_bound_policies_and_receipts_are_payments(
    engine: Engine, stripe_sandbox: Running, bindhq: BindHQ, batch: int
) -> None:
    crashes = 0
    first = (batch if engine.dialect.name == "sqlite" else BATCHES + batch) * HISTORIES
    for number in range(first, first + HISTORIES):
        chance = Random(f"{SEED} {number}")
        desk = open_desk(engine, stripe_sandbox, f"history{number}", slug=f"history-{number}")
        both = open_both(desk, bindhq, sends_offline_receipts=True)
        both.there("reset")
        history = History(both, chance)
        try:
            for _ in range(STEPS):
                history.step()
            history.end()
            history.check()
        except AssertionError as error:
            raise AssertionError(f"history {number} of seed {SEED}: {error}") from error
        crashes += history.crashes
    assert crashes > HISTORIES
    if FULL:
        print(f"{HISTORIES} histories at BindHQ, {engine.dialect.name}, {crashes} deaths: none twice, none lost")
