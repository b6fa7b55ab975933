"""Who is at the same invoice at the same moment: whichever comes first, both stories end well."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event, select

from portal.core.audit import SYSTEM, Actor, AuditEntry
from portal.core.db import run_unit
from portal.core.errors import Conflict, IllegalMove
from portal.invoices.models import Invoice
from portal.payments.apply import apply, load, move
from portal.payments.inbox import handle
from portal.payments.models import Payment
from portal.payments.money_back.credit import CreditOwner, apply_credit, credit_balance, enter_credit, pay_out_credit
from portal.payments.money_back.disputes import apply_dispute
from portal.payments.money_back.nightly import look_again
from portal.payments.money_back.refund import RefundOrder, refund
from portal.payments.submit import submit
from portal.programs.models import Program
from portal.servicing.archive import archive
from tests.factories.desk import Desk
from tests.payments.interruptions import Points, interrupted
from tests.payments.money_back.test_disputes import dispute

BEA = Actor("staff", "bea@harbor.example")
BANK_ASKS = "pm_card_threeDSecure2Required"
WHAT_CREDIT = "sum(credit_entry.cents)"
WHO_PAYS_IT = "SELECT claim.invoice_id \nFROM claim"
"""The question whether a payment under way holds an invoice."""


@contextmanager
def meanwhile(engine: Engine, asked: str, act: Callable[[], str]) -> Iterator[list[Future[str]]]:
    """Somebody else acts, once, as soon as a question to the database is answered; perhaps they have to wait for us."""
    acting: list[Future[str]] = []

    def answered(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if asked in statement and not acting:
            acting.append(worker.submit(act))
            wait(acting, timeout=1)

    with ThreadPoolExecutor(1) as worker:
        event.listen(engine, "after_cursor_execute", answered)
        try:
            yield acting
        finally:
            event.remove(engine, "after_cursor_execute", answered)


def archived(desk: Desk, invoice: int) -> bool:
    with desk.till.reading() as session:
        query = select(Program.archived_at).join(Invoice, Invoice.program_id == Program.id).where(Invoice.id == invoice)
        return session.scalar(query) is not None


@pytest.mark.parametrize("number", range(4))
def test_paying_and_archiving_at_once(desk: Desk, number: int) -> None:
    """Either it is paid and stays, or it is archived and nobody is charged."""
    invoice = desk.invoice(in_program=True)
    order = desk.order(invoice)
    together = threading.Barrier(2)

    def put_away() -> None:
        with desk.till.writing() as session:
            program = session.scalars(
                select(Program).join(Invoice, Invoice.program_id == Program.id).where(Invoice.id == invoice)
            ).one()
            archive(session, program, SYSTEM, desk.clock())

    def pay() -> str:
        together.wait()
        try:
            return submit(desk.till, order).state
        except Conflict:
            return "refused"

    def put_away_once() -> bool:
        together.wait()
        try:
            run_unit(put_away)
        except IllegalMove:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        paid, was_archived = threads.submit(pay), threads.submit(put_away_once)
    assert (paid.result(), was_archived.result()) in {("succeeded", False), ("refused", True)}
    assert archived(desk, invoice) is was_archived.result()
    assert desk.charged_cents() == (0 if was_archived.result() else 41_250)
    desk.assert_sound()


def test_an_event_before_the_submit_has_written_its_outcome(desk: Desk) -> None:
    """The processor announces the success while its answer to us is still on the way."""
    invoice = desk.invoice()
    order = desk.order(invoice)
    heard: list[str] = []

    class Eager(Points):
        def at(self, name: str) -> None:
            if name == "after confirm":
                payment = desk.payment(1)
                assert payment.intent_id is not None
                with ThreadPoolExecutor(1) as worker:
                    told = worker.submit(handle, desk.till, "payment_intent.succeeded", payment.intent_id)
                heard.append(told.result())

    with interrupted(desk.till, Eager()) as till:
        assert submit(till, order).state == "succeeded"
    assert heard == ["succeeded"]
    assert desk.charged_cents() == 41_250
    desk.assert_sound()


def test_many_who_learn_of_the_success_at_once_write_it_once(desk: Desk) -> None:
    """Webhook, the payer's return, the polling page and the reconciler, all in the same moment."""
    invoice = desk.invoice()
    order = desk.order(invoice)
    with interrupted(desk.till, Points(loses={2: "answer lost"})) as till:
        payment = submit(till, order)
    assert payment.intent_id is not None
    together = threading.Barrier(6)

    def hear(_: int) -> str:
        together.wait()
        return handle(desk.till, "payment_intent.succeeded", str(payment.intent_id))

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(hear, range(6))) == {"succeeded"}
    desk.assert_sound()


def test_overlapping_payments_of_several_invoices_neither_hang_nor_charge_twice(desk: Desk) -> None:
    a, b, c = desk.invoice(), desk.invoice(), desk.invoice()
    orders = [desk.order(a, b), desk.order(c, b), desk.order(c, a), desk.order(b), desk.order(a, b, c)]
    together = threading.Barrier(len(orders))

    def pay(number: int) -> str:
        together.wait()
        try:
            return submit(desk.till, orders[number]).state
        except Conflict:
            return "refused"

    with ThreadPoolExecutor(len(orders)) as threads:
        ends = list(threads.map(pay, range(len(orders))))
    assert set(ends) <= {"succeeded", "refused"}
    assert "succeeded" in ends
    desk.assert_sound()


def test_what_was_read_of_an_older_version_is_not_written(desk: Desk) -> None:
    invoice = desk.invoice(41_250)
    desk.fault("payment_intents.confirm", "error_after")
    payment = submit(desk.till, desk.order(invoice))
    assert payment.state == "submitted"
    assert payment.intent_id is not None
    declined = replace(
        desk.till.gateway.retrieve(payment.intent_id), status="requires_payment_method", error_code="card_declined"
    )
    with desk.till.writing() as session:  # somebody else confirms once more meanwhile
        assert move(session, load(session, payment.id), "submitted", desk.clock())
    settled = apply(desk.till, payment.id, (payment.version, declined))
    assert (settled.state, settled.decline_code) == ("succeeded", None)
    with desk.till.reading() as session:
        actions = set(session.scalars(select(AuditEntry.action)))
    assert "payment.declined" not in actions
    desk.assert_sound()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_credit_is_not_used_for_what_somebody_begins_to_pay_at_that_moment(desk: Desk) -> None:
    invoice = desk.invoice(41_250)
    wanted = desk.order(invoice, card=BANK_ASKS)
    with desk.till.writing() as session:
        owner = CreditOwner(insured_id=session.get_one(Invoice, invoice).insured_id)
        today, at = desk.till.today(), desk.clock()
        enter_credit(session, "test", "1", 41_250, today, at, owner=owner)

    def pay() -> str:
        try:
            return submit(desk.till, wanted).state
        except Conflict:
            return "refused"

    is_used = True
    with meanwhile(desk.till.engine, WHO_PAYS_IT, pay) as paying:
        try:
            with desk.till.writing() as session:
                apply_credit(session, owner, "use", {invoice: 41_250}, 41_250, today, BEA, at)
        except Conflict:
            is_used = False
    assert (is_used, paying[0].result()) in {(True, "refused"), (False, "action_required")}
    with desk.till.reading() as session:
        assert credit_balance(session, owner) == (0 if is_used else 41_250)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("way", ["disputed", "refunded"])
def test_credit_is_not_used_for_what_goes_back_of_it_at_the_processor_at_that_moment(desk: Desk, way: str) -> None:
    invoice = desk.invoice(41_250)
    with interrupted(desk.till, Points(loses={2: "answer lost"})) as till:
        payment = submit(till, desk.order(invoice))
    desk.close_by_mistake(payment)
    handle(desk.till, "payment_intent.succeeded", str(payment.intent_id))
    with desk.till.reading() as session:
        owner = CreditOwner(insured_id=session.get_one(Invoice, invoice).insured_id)
        assert credit_balance(session, owner) == 41_250

    def use() -> str:
        try:
            with desk.till.writing() as session:
                pay_out_credit(session, owner, "use", 41_250, "1042", desk.till.today(), BEA, desk.clock())
        except Conflict:
            return "refused"
        return "used"

    if way == "disputed":
        with desk.till.reading() as session:
            about = dispute(desk, session.get_one(Payment, payment.id))
        with meanwhile(desk.till.engine, WHAT_CREDIT, use) as using:
            apply_dispute(desk.till, about)
    else:
        desk.processor.v1.refunds.create({"payment_intent": str(payment.intent_id)})
        with meanwhile(desk.till.engine, WHAT_CREDIT, use) as using:
            assert look_again(desk.till) == 1
    assert using[0].result() == "refused"
    with desk.till.reading() as session:
        assert credit_balance(session, owner) == 0
    assert desk.broken_rules() == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_a_refused_refund_gives_again_does_not_land_where_somebody_begins_to_pay(desk: Desk) -> None:
    invoice = desk.invoice(41_250)
    payment = submit(desk.till, desk.order(invoice))
    desk.processor.v1.refunds.create({"payment_intent": str(payment.intent_id)})  # so that ours is refused
    order = RefundOrder("one", payment.id, "requested", {invoice: 41_250})

    def pay() -> str:
        try:
            return submit(desk.till, desk.order(invoice, card=BANK_ASKS)).state
        except Conflict:
            return "refused"

    with meanwhile(desk.till.engine, WHO_PAYS_IT, pay) as paying:
        assert refund(desk.till, order, BEA).state == "canceled"
    landed = desk.invoice_state(invoice) == ("paid", 0)
    assert (landed, paying[0].result()) in {(True, "refused"), (False, "action_required")}
    assert desk.broken_rules() == []
