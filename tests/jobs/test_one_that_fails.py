"""One item of a job fails at each run: the others have their turn, nothing of it is written, and it is said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from portal.core.audit import SYSTEM
from portal.core.one_by_one import one_by_one
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import UnitOpen
from portal.financing.late.models import CancelNotice
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.jobs import send_notices
from portal.jobs.context import JobContext
from portal.jobs.send_notices import send_for_agency
from portal.ledger.journal import post
from portal.ledger.models import JournalEntry
from portal.ledger.processor_postings import transaction_fee
from portal.payments.apply import Contended
from portal.payments.balance_models import BalanceTransaction, ProcessorPayout
from portal.payments.comparison import compare
from portal.payments.gateway import OutcomeUnknown
from portal.payments.money_back import found_refund
from portal.payments.money_back.models import Dispute, Refund
from portal.payments.money_back.nightly import look_again
from portal.payments.processor_payouts import read_payouts
from portal.sandbox.stripe.server import Running
from tests.factories.desk import Desk, open_desk
from tests.factories.late import financed, paper_of, wait_until
from tests.payments.money_back.test_refund import paid
from tests.payments.test_processor_payouts import pay_out
from tests.sandbox.stripe.paying import control

RUNS = 2


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


def failures(run: Callable[[], object]) -> list[type[Exception]]:
    """What a run says has failed, by kind."""
    with pytest.raises(ExceptionGroup) as failed:
        run()
    return [type(error) for error in failed.value.exceptions]


def stored(desk: Desk, column: Any) -> list[Any]:
    """A column, in the order in which its rows were made."""
    with desk.till.reading() as session:
        return list(session.scalars(select(column).order_by(column.class_.id)))


def test_a_notice_that_cannot_be_made_holds_up_no_other(
    desk: Desk, jobs: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    loans = [financed(desk, program=program) for program in ("PRG-1", "PRG-2")]
    with desk.till.writing() as session:
        set_late_terms(session, LateTerms(notices="send"), SYSTEM, desk.clock())
    wait_until(desk, loans[0].due_dates[0] + timedelta(days=10))
    printed = []

    def link_url(token: str) -> str:
        printed.append(token)
        if len(printed) in {1, 3}:
            raise RuntimeError("cannot be printed")
        return f"https://portal.example/pay/{token}"

    paper = replace(paper_of(desk), link_url=link_url)
    context = replace(jobs, now=desk.clock, paper=lambda _id: paper)
    second = loans[1].program_id
    looked_after = []
    monkeypatch.setattr(send_notices, "look_after_notices", lambda *_: looked_after.append("notices"))
    for run in range(RUNS):
        assert failures(lambda: send_for_agency(context, desk.agency.id)) == [RuntimeError]
        assert len(looked_after) == run + 1
        assert stored(desk, CancelNotice.program_id) == [second]
        notices = [payload["program_id"] for payload in stored(desk, OutboxRow.payload) if "notice_id" in payload]
        assert {*notices} == {second}
    desk.assert_sound()


@pytest.mark.parametrize("kind", [RuntimeError, Contended])
def test_a_refund_that_cannot_be_taken_in_holds_up_no_other_refund_or_dispute(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    first, second, third = (paid(desk, desk.invoice()) for _ in range(3))
    for payment in first, second:
        desk.processor.v1.refunds.create({"payment_intent": str(payment.intent_id)})
    control(desk.sandbox, f"charges/{third.charge_id}/dispute", {})
    tell_staff = found_refund._tell_staff
    entries = len(stored(desk, JournalEntry.id))

    def fail(session: Any, made: Refund, at: Any) -> None:
        if made.payment_id == poisoned.id:
            raise kind("cannot be taken in")
        tell_staff(session, made, at)

    seen = [each.intent_id for each in desk.till.gateway.refunds_since(desk.clock() - timedelta(days=1))]
    poisoned, other = (first, second) if seen[0] == first.intent_id else (second, first)
    with monkeypatch.context() as patched:
        patched.setattr(found_refund, "_tell_staff", fail)
        for _ in range(RUNS):
            assert failures(lambda: look_again(desk.till)) == [kind]
            assert stored(desk, Refund.payment_id) == [other.id]
            assert stored(desk, Dispute.payment_id) == [third.id]
            assert len(stored(desk, JournalEntry.id)) == entries + 3, "promised, sent, withdrawn"
    assert look_again(desk.till) == 3
    assert stored(desk, Refund.payment_id) == [other.id, poisoned.id]
    desk.assert_sound()


def test_a_movement_that_cannot_be_posted_holds_up_no_other_and_no_payout(desk: Desk) -> None:
    """Its fee is in the books already, so that it cannot be posted again: whatever is wrong, it stays as it is."""
    for cents in 10_000, 20_000:
        paid(desk, desk.invoice(cents))
    desk.clock.pass_(minutes=1)
    seen = desk.till.gateway.balance_since(desk.clock() - timedelta(days=1))
    twice, other = sorted(seen, key=lambda each: each.created_at)
    with desk.till.writing() as session:
        post(session, [transaction_fee(twice.id, twice.fee_cents, desk.till.today())], desk.clock())
    entries = len(stored(desk, JournalEntry.id))
    pay_out(desk)
    for run in read_payouts, compare:
        assert failures(partial(run, desk.till)) == [IntegrityError]
        assert stored(desk, BalanceTransaction.source_id)[:2] == [twice.source_id, other.source_id]
        assert stored(desk, BalanceTransaction.state)[:2] == ["waiting", "posted"]
        assert stored(desk, BalanceTransaction.entry_ref)[0] is None
        assert stored(desk, JournalEntry.ref)[entries:] == [other.id], "the fee of the other"
    assert stored(desk, ProcessorPayout.amount_cents) == [twice.net_cents + other.net_cents]
    assert [kind for kind in stored(desk, StaffTask.kind) if "comparison" in kind] == ["comparison.entry"]


def test_movements_are_posted_though_payouts_cannot_be_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    paid(desk, desk.invoice())
    desk.clock.pass_(minutes=1)

    def unread(*_: object) -> None:
        raise OutcomeUnknown

    monkeypatch.setattr(type(desk.till.gateway), "payouts_since", unread)
    assert failures(partial(read_payouts, desk.till)) == [OutcomeUnknown]
    assert stored(desk, BalanceTransaction.state) == ["posted"]


def test_a_crash_is_no_failure_of_one_item() -> None:
    begun = []

    def end(item: int) -> None:
        begun.append(item)
        raise SystemExit

    with pytest.raises(SystemExit):
        one_by_one([partial(end, 1), partial(end, 2)])
    assert begun == [1]


def test_the_log_says_what_went_wrong_with_each() -> None:
    with capture_logs() as logged, pytest.raises(ExceptionGroup):
        one_by_one([partial({}.__getitem__, "a"), partial({}.__getitem__, "b")])
    assert [(line["event"], line["error"], str(line["exc_info"])) for line in logged] == [
        ("item.failed", "KeyError", "'a'"),
        ("item.failed", "KeyError", "'b'"),
    ]


def test_nothing_has_its_turn_inside_an_open_unit(desk: Desk) -> None:
    begun: list[int] = []
    with desk.till.reading(), pytest.raises(UnitOpen):
        one_by_one([partial(begun.append, 1)])
    assert begun == []
