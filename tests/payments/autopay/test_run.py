"""The hourly run: announced once, charged once on its day, tried again as the rules say, stopped when they say so."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update

from portal.core.audit import SYSTEM, Actor
from portal.core.errors import NotAllowed
from portal.core.tenancy import reading_global
from portal.payments.autopay.ending import stop, turn_off
from portal.payments.autopay.enrolling import NothingToCharge, Owner, enroll
from portal.payments.autopay.run import announce_anew, run
from portal.payments.bulk import ChargedElsewhere
from portal.payments.inbox import handle, sweep
from portal.payments.methods.saved import OnAutopay, own_method, remove
from portal.payments.models import GatewayEvent, Payment
from portal.payments.money_back.refund import RefundOrder, refund
from portal.payments.reconcile import due, reconcile
from portal.payments.submit import submit
from portal.payments.transitions import CLOSED
from portal.programs.models import Program
from tests.factories.desk import Desk
from tests.payments.autopay.street import AGREED, OWNER, Street, keep_bank, open_street
from tests.payments.interruptions import Crash, Points, interrupted
from tests.payments.methods.keeping import ANA, keep, remove_as
from tests.payments.test_bulk import charges
from tests.sandbox.stripe.paying import books, control

DAY = timedelta(days=1)


@pytest.fixture
def street(desk: Desk) -> Street:
    return open_street(desk)


def test_each_installment_is_announced_three_days_before_and_charged_on_its_day_once(street: Street) -> None:
    street.on(keep(street.desk))
    assert street.mails() == ["autopay_agreed"]
    for day in (-4, -3, -3, -2, -1):
        assert street.run_on(street.first + day * DAY) == {}
    assert street.mails() == ["autopay_agreed", "autopay_notice"]
    key = f"autopay:{street.invoices[0]}:1"
    assert street.run_on(street.first, hour=0) == {key: "succeeded"}
    assert [street.run(), street.run_on(street.first, hour=23)] == [{}, {}]
    assert street.desk.invoice_state(street.invoices[0]) == ("paid", 0)
    assert street.desk.charged_cents() == 40_000
    second = street.first + 30 * DAY
    assert street.run_on(second - 3 * DAY) == {}
    assert street.run_on(second) == {f"autopay:{street.invoices[1]}:1": "succeeded"}
    assert street.mails().count("autopay_notice") == 2
    assert street.mails().count("payment_receipt") == 2
    street.desk.assert_sound()


def test_a_day_begins_at_midnight_where_the_agency_is(street: Street) -> None:
    street.on(keep(street.desk))
    street.noon(street.first - DAY, hour=23)
    assert street.run() == {}, "it is the due date in UTC already"
    street.noon(street.first, hour=0)
    assert len(street.run()) == 1


def test_soft_declines_are_tried_on_three_more_days_then_autopay_ends_with_one_mail(street: Street) -> None:
    method = keep(street.desk)
    street.on(method)
    street.bank_says(method, "insufficient_funds")
    tried = [day for day in range(0, 9) for _ in range(2) if street.run_on(street.first + day * DAY)]
    assert tried == [0, 1, 3, 5]
    assert street.payments() == [(1, "failed"), (2, "failed"), (3, "failed"), (4, "failed")]
    assert street.ended_for() == "failures"
    assert street.mails().count("payment_failed") == 4
    assert "autopay_ended" not in street.mails()
    assert street.run_on(street.first + 30 * DAY) == {}
    assert street.desk.broken_rules() == []


def test_a_retry_that_succeeds_goes_on_as_before(street: Street) -> None:
    method = keep(street.desk)
    street.on(method)
    street.bank_says(method, "insufficient_funds")
    street.run_on(street.first)
    street.bank_says(method, "none")
    assert street.run_on(street.first + DAY) == {f"autopay:{street.invoices[0]}:2": "succeeded"}
    assert street.run_on(street.first + 30 * DAY) == {f"autopay:{street.invoices[1]}:1": "succeeded"}
    street.desk.assert_sound()


def test_after_a_hard_decline_nothing_is_charged_until_the_method_is_replaced(street: Street) -> None:
    method = keep(street.desk)
    street.on(method)
    street.bank_says(method, "expired_card")
    street.run_on(street.first)
    assert [street.run_on(street.first + day * DAY) for day in (1, 3, 5)] == [{}, {}, {}]
    second = street.first + 30 * DAY
    assert [street.run_on(second + day * DAY) for day in (-3, -2, 0)] == [{}, {}, {}]
    assert street.mails().count("autopay_asks") == 1
    street.on(keep(street.desk, "pm_card_mastercard"))
    assert street.run_on(second) == {f"autopay:{street.invoices[1]}:1": "succeeded"}
    assert street.desk.invoice_state(street.invoices[0]) == ("open", 40_000), "past due when they agreed: theirs to pay"
    street.desk.assert_sound()


def test_whoever_their_bank_wants_to_ask_pays_this_one_in_person(street: Street) -> None:
    method = keep(street.desk)
    street.on(method)
    street.bank_says(method, "authentication_required")
    street.run_on(street.first)
    assert street.run_on(street.first + DAY) == {}
    assert street.enrollment() is not None
    street.bank_says(method, "none")
    assert len(street.run_on(street.first + 30 * DAY)) == 1


def test_three_due_dates_in_a_row_without_money_end_it(street: Street) -> None:
    method = keep(street.desk)
    street.on(method)
    street.bank_says(method, "authentication_required")
    for number in range(3):
        assert street.ended_for() is None
        street.run_on(street.first + 30 * number * DAY)
    assert street.ended_for() == "failures"


def test_only_the_insured_can_turn_it_on_and_only_for_further_payments(street: Street) -> None:
    method = keep(street.desk)
    till = street.desk.till
    for kind in "guest", "link", "staff":
        with till.writing() as session, pytest.raises(NotAllowed):
            enroll(session, street.program_id, method.id, Owner(ANA, Actor(kind, ANA)), AGREED, till.now())
    for invoice in street.invoices:
        submit(till, street.desk.order(invoice))
    with till.writing() as session, pytest.raises(NothingToCharge):
        enroll(session, street.program_id, method.id, OWNER, AGREED, till.now())


def test_who_turned_it_off_or_was_stopped_is_not_charged(street: Street) -> None:
    street.on(keep(street.desk))
    street.noon(street.first)
    with street.desk.till.writing() as session:
        turn_off(session, street.program_id, OWNER.actor, street.desk.clock())
        turn_off(session, street.program_id, OWNER.actor, street.desk.clock())
    assert street.run() == {}
    street.on(keep(street.desk))
    with street.desk.till.writing() as session:
        stop(session, street.program_id, "asked by phone", Actor("staff", "sam@harbor.example"), street.desk.clock())
    assert street.run() == {}
    assert street.mails().count("autopay_ended") == 2


def test_turned_off_between_the_claim_and_the_charge_nothing_is_charged(street: Street) -> None:
    """T1 is done, the intent exists, then the insured turns it off: the last look sees it."""
    street.on(keep(street.desk))
    street.noon(street.first)
    gateway = street.desk.till.gateway

    class TurnsOff:
        def __getattr__(self, name: str) -> object:
            return getattr(gateway, name)

        def create_intent(self, new: object) -> object:
            intent = gateway.create_intent(new)  # type: ignore[arg-type]
            with street.desk.till.writing() as session:
                turn_off(session, street.program_id, OWNER.actor, street.desk.clock())
            return intent

    ends = run(replace(street.desk.till, gateway=TurnsOff()))  # type: ignore[arg-type]
    assert list(ends.values()) == ["canceled"]
    assert street.desk.charged_cents() == 0
    assert street.desk.claims(street.invoices[0]) == ["released"]
    assert "payment_failed" not in street.mails()
    street.desk.assert_sound()


def test_what_somebody_pays_is_not_charged_again(street: Street) -> None:
    street.on(keep(street.desk))
    street.noon(street.first)
    submit(street.desk.till, street.desk.order(street.invoices[0]))
    assert street.run() == {}
    submit(street.desk.till, street.desk.order(street.invoices[1], card="pm_card_threeDSecure2Required"))
    street.noon(street.first + 30 * DAY)
    assert street.run() == {}, "their bank asks them at this moment"
    street.desk.assert_sound()


def test_what_was_paid_and_given_back_is_left_to_staff(street: Street) -> None:
    street.on(keep(street.desk))
    paid = submit(street.desk.till, street.desk.order(street.invoices[0]))
    order = RefundOrder("refund-1", paid.id, "mistake", {street.invoices[0]: 40_000})
    refund(street.desk.till, order, Actor("staff", "sam@harbor.example"))
    street.noon(street.first)
    assert street.run() == {}
    assert ("autopay.not_charged", "given_back") in street.tasks()


def test_more_than_was_announced_is_charged_three_days_after_its_mail(street: Street) -> None:
    street.on(keep(street.desk))
    street.run_on(street.first - 3 * DAY)
    late = street.add_invoice(street.first - DAY, 5_000, "late_fee")
    assert street.run_on(street.first - DAY) == {}
    assert street.mails().count("autopay_notice") == 2
    assert street.run_on(street.first) == {f"autopay:{street.invoices[0]}:1": "succeeded"}
    assert street.run_on(street.first + DAY) == {}
    assert street.run_on(street.first + 2 * DAY) == {f"autopay:{late}:1": "succeeded"}


def test_a_program_that_was_canceled_is_not_charged_and_autopay_ends(street: Street) -> None:
    street.on(keep(street.desk))
    street.noon(street.first)
    with street.desk.till.writing() as session:
        session.execute(update(Program).values(canceled_on=street.first))
    assert street.run() == {}
    assert street.ended_for() == "program"


def test_a_bank_debit_is_sent_once_and_after_r01_twice_more(street: Street) -> None:
    method = keep_bank(street.desk)
    street.on(method)
    tried = []
    for day in range(0, 25):
        if street.run_on(street.first + day * DAY):
            tried.append(day)
            fail_debit(street, "insufficient_funds")
    assert len(tried) == 3
    assert street.ended_for() == "failures"
    assert street.desk.broken_rules() == []


def test_a_closed_account_disables_the_method_and_ends_autopay(street: Street) -> None:
    street.on(keep_bank(street.desk))
    street.run_on(street.first)
    fail_debit(street, "account_closed")
    assert street.ended_for() == "returned"
    assert street.run_on(street.first + DAY) == {}


def test_a_debit_taken_back_after_it_had_succeeded_ends_autopay(street: Street) -> None:
    street.on(keep_bank(street.desk))
    street.run_on(street.first)
    control_debit(street, "settle")
    control_debit(street, "return")
    sweep_all(street)
    assert street.ended_for() == "returned"
    assert "payment_returned" in street.mails()
    assert street.run_on(street.first + DAY) == {}


def test_a_method_on_autopay_is_removed_only_after_it_was_replaced_or_turned_off(street: Street) -> None:
    method = keep(street.desk)
    street.on(method)
    with pytest.raises(OnAutopay):
        remove_as(street.desk, method.id)
    street.on(keep(street.desk, "pm_card_mastercard"))
    remove_as(street.desk, method.id)
    assert street.enrollment() is not None


def test_a_method_that_the_processor_lets_go_ends_autopay(street: Street) -> None:
    method = keep(street.desk)
    street.on(method)
    with street.desk.till.writing() as session:
        remove(session, own_method(session, ANA, method.id), SYSTEM, street.desk.clock())
    assert street.ended_for() == "method"


def test_two_workers_charge_each_installment_once(street: Street) -> None:
    street.on(keep(street.desk))
    street.noon(street.first)
    together = Barrier(2)

    def work() -> None:
        together.wait()
        with suppress(ChargedElsewhere):
            street.run()

    with ThreadPoolExecutor(2) as threads:
        for each in [threads.submit(work) for _ in range(2)]:
            each.result()
    assert charges(street.desk) == 1
    street.desk.assert_sound()


class Commits(Points):
    """The run's own commits alone: calls are made on threads, in any order."""

    def at(self, name: str) -> None:
        if name.endswith("commit"):
            super().at(name)


def test_a_worker_that_ends_anywhere_is_made_up_for_and_charges_once(desk: Desk) -> None:
    """The notice's run and the charge's, cut off before and after each commit; later runs bring it to its end."""
    method = keep(desk)
    place = 0
    while True:
        place += 1
        street = open_street(desk, installments=1)
        street.on(method)
        points = Commits(place)
        with interrupted(desk.till, points) as till, suppress(Crash):
            for day in (-3, 0):
                street.noon(street.first + day * DAY)
                run(till)
        street.noon(street.first, hour=20)
        for _ in range(3):
            desk.clock.pass_(minutes=20)
            with desk.till.reading() as session:
                waiting = due(session, desk.clock())
            for payment_id in waiting:
                reconcile(desk.till, payment_id)
            street.run()
        assert desk.invoice_state(street.invoices[0]) == ("paid", 0), points.places[-1:]
        assert desk.claims(street.invoices[0]).count("consumed") == 1
        with desk.till.reading() as session:
            assert set(session.scalars(select(Payment.state))) <= CLOSED
        if len(points.passed) < place:
            break
    assert place > 8
    desk.assert_sound()


def test_an_answer_that_is_lost_is_charged_once(street: Street) -> None:
    street.on(keep(street.desk))
    street.noon(street.first)
    street.desk.fault("payment_intents.confirm", "error_after", count=1)
    assert list(street.run().values()) == ["submitted"]
    assert street.run() == {}
    street.desk.clock.pass_(minutes=3)
    with street.desk.till.reading() as session:
        [waiting] = due(session, street.desk.clock())
    assert reconcile(street.desk.till, waiting).state == "succeeded"
    assert street.run() == {}
    street.desk.assert_sound()


def test_one_that_never_arrived_is_given_up_and_begun_anew_without_a_mail(street: Street) -> None:
    street.on(keep(street.desk))
    street.noon(street.first)
    street.desk.fault("payment_intents.confirm", "error_before", count=1)
    assert list(street.run().values()) == ["submitted"]
    street.desk.clock.pass_(minutes=3)
    with street.desk.till.reading() as session:
        [waiting] = due(session, street.desk.clock())
    assert reconcile(street.desk.till, waiting).state == "canceled"
    assert street.run() == {f"autopay:{street.invoices[0]}:2": "succeeded"}
    assert "payment_failed" not in street.mails()
    street.desk.assert_sound()


def test_a_card_that_expires_is_told_of_sixty_and_fifteen_days_before_each_once(street: Street) -> None:
    method = keep(street.desk)
    street.on(method)
    with street.desk.till.writing() as session:
        row = own_method(session, ANA, method.id)
        soon = street.first + 90 * DAY
        row.exp_year, row.exp_month = soon.year, soon.month
    for day in range(40, 125, 5):
        street.run_on(street.first + day * DAY)
    assert street.mails().count("card_expires") == 2


def test_after_a_restore_what_is_due_is_announced_anew_before_it_is_charged(street: Street) -> None:
    street.on(keep(street.desk))
    street.noon(street.first - DAY)
    with street.desk.till.writing() as session:
        announce_anew(session, street.desk.till.today(), street.desk.clock())
    assert street.run_on(street.first) == {}
    assert street.run_on(street.first + 2 * DAY) == {f"autopay:{street.invoices[0]}:1": "succeeded"}
    assert street.mails().count("autopay_notice") == 1


def fail_debit(street: Street, code: str) -> None:
    control_debit(street, "fail", code)
    sweep_all(street)


def control_debit(street: Street, step: str, code: str = "") -> None:
    intent = books(street.desk.sandbox, street.desk.till.account)["payment_intents"][-1]
    control(street.desk.sandbox, f"debits/{intent['id']}/{step}", {"code": code} if code else {})


def sweep_all(street: Street) -> None:
    sweep(street.desk.till)
    with reading_global(street.desk.till.engine) as session:
        rows = session.execute(
            select(GatewayEvent.kind, GatewayEvent.object_id)
            .where(GatewayEvent.account == street.desk.till.account)
            .order_by(GatewayEvent.id)
        ).all()
    for kind, object_id in rows:
        handle(street.desk.till, kind, object_id)
