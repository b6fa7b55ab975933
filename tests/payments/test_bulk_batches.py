"""What is written for many payments at once is written for each: one that cannot be takes none of the others along."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import IntegrityError

from portal.core.audit import AuditEntry
from portal.core.outbox import OutboxRow
from portal.ledger.journal import post
from portal.ledger.models import JournalEntry
from portal.ledger.postings import Entry, Line
from portal.payments.bulk import charge_many
from portal.payments.gateway import Gateway, Intent
from portal.payments.inbox import handle
from portal.payments.models import Payment
from portal.payments.reconcile import reconcile
from portal.payments.till import Till
from portal.payments.transitions import CLOSED
from tests.factories.desk import Desk
from tests.payments.interruptions import Crash, Points, interrupted
from tests.payments.test_bulk import charges, keep, keep_one_that_asks, orders


@dataclass(frozen=True)
class Overheard:
    """A gateway after whose first confirm something happens, before we hear the answer."""

    inner: Gateway
    then: Callable[[Intent], object]
    first: Lock

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def confirm_kept(self, intent_id: str, key: str) -> Intent:
        answer = self.inner.confirm_kept(intent_id, key)
        if self.first.acquire(blocking=False):
            self.then(answer)
        return answer


def overheard(desk: Desk, then: Callable[[Intent], object]) -> Till:
    return replace(desk.till, gateway=Overheard(desk.till.gateway, then, Lock()))


def payments(desk: Desk) -> list[Payment]:
    with desk.till.reading() as session:
        return list(session.scalars(select(Payment).order_by(Payment.id)))


def test_one_that_a_webhook_has_settled_meanwhile_is_written_once_and_the_others_too(desk: Desk) -> None:
    invoices = [desk.invoice() for _ in range(6)]

    def announce(answer: Intent) -> None:
        with ThreadPoolExecutor(1) as worker:
            assert worker.submit(handle, desk.till, "payment_intent.succeeded", answer.id).result() == "succeeded"

    ends = charge_many(overheard(desk, announce), orders(keep(desk), *invoices))
    assert set(ends.values()) == {"succeeded"}
    assert charges(desk) == 6
    desk.assert_sound()


def test_one_that_cannot_be_written_is_named_and_the_others_are_paid(desk: Desk) -> None:
    """Its charge is in the books already, by whatever mistake: the database refuses the second entry."""
    invoices = [desk.invoice() for _ in range(5)]
    refused: list[int] = []

    def post_before(answer: Intent) -> None:
        refused.append(int(answer.metadata["payment_id"]))
        entry = Entry("charge", str(refused[0]), desk.till.today(), (Line("suspense", 1), Line("suspense", -1)))
        with desk.till.writing() as session:
            post(session, [entry], desk.clock())

    with pytest.raises(IntegrityError):
        charge_many(overheard(desk, post_before), orders(keep(desk), *invoices))
    assert {each.id: each.state for each in payments(desk) if each.state != "succeeded"} == {refused[0]: "submitted"}
    assert sorted(desk.invoice_state(each) for each in invoices) == [("open", 41_250), *[("paid", 0)] * 4]
    assert charges(desk) == 5
    again = desk.invoice()
    assert charge_many(desk.till, orders(keep(desk), again)) == {f"autopay:{again}:1": "succeeded"}


def test_one_that_is_declined_is_told_apart_from_those_that_are_paid(desk: Desk) -> None:
    asks, *others = [desk.invoice() for _ in range(5)]
    ends = charge_many(desk.till, [*orders(keep_one_that_asks(desk), asks), *orders(keep(desk), *others)])
    assert sorted(ends.values()) == ["failed", *["succeeded"] * 4]
    assert desk.claims(asks) == ["released"]
    assert desk.broken_rules() == []


class Commits(Points):
    """The run's own commits alone: calls are made on threads, in any order."""

    def at(self, name: str) -> None:
        if name.endswith("commit"):
            super().at(name)


def test_a_process_that_ends_at_any_commit_is_brought_to_its_end_and_charges_once(desk: Desk) -> None:
    """Account taken, begun, submitted, paid: before and after each commit."""
    golden, method = Commits(), keep(desk)
    with interrupted(desk.till, golden) as till:
        charge_many(till, orders(method, *[desk.invoice() for _ in range(3)]))
    assert len(golden.passed) >= 10
    for place in range(1, len(golden.passed) + 1):
        invoices = [desk.invoice() for _ in range(3)]
        with interrupted(desk.till, Commits(place)) as till, suppress(Crash):
            charge_many(till, orders(method, *invoices))
        desk.clock.pass_(minutes=20)
        for payment in payments(desk):
            if payment.state not in CLOSED:
                reconcile(desk.till, payment.id)
        assert {each.state for each in payments(desk)} <= {"succeeded", "canceled"}
        paid = sum(desk.invoice_state(each) == ("paid", 0) for each in invoices)
        assert paid == sum(desk.claims(each) == ["consumed"] for each in invoices)
        desk.assert_sound()


def test_each_charge_has_its_own_entry_audit_lines_and_mail(desk: Desk) -> None:
    charge_many(desk.till, orders(keep(desk), *[desk.invoice() for _ in range(7)]))
    with desk.till.reading() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "payment")).all()
        mails = session.scalars(select(OutboxRow.kind)).all()
        entries = session.scalars(select(JournalEntry.kind)).all()
    assert sorted(actions) == [*["payment.started"] * 7, *["payment.succeeded"] * 7]
    assert (mails.count("mail.payment_receipt"), entries.count("charge")) == (7, 7)


def test_many_charges_cost_few_statements(desk: Desk, engine: Engine) -> None:
    """Counted, since clocks differ: a charge by itself takes some twenty."""
    wanted = orders(keep(desk), *[desk.invoice() for _ in range(40)])
    asked: list[str] = []

    def count(*told: Any) -> None:
        asked.append(told[2])

    event.listen(engine, "before_cursor_execute", count)
    try:
        charge_many(desk.till, wanted)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(asked) < 40 * 8
    assert charges(desk) == 40
