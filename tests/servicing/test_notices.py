"""Notices of intent to cancel: made on their day, stopped by payment, paused by a debit; nothing is canceled alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from portal.core.audit import SYSTEM, Actor
from portal.core.errors import BadInput, Conflict
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.financing.late.models import CancelNotice
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.insureds.models import Insured, InsuredEmail
from portal.jobs.send_notices import refused_notices
from portal.notices.models import SentMail
from portal.payments.apply import end, load, move
from portal.payments.submit import submit
from portal.programs.models import Program
from portal.sandbox.stripe.server import Running
from portal.servicing.late.notices import (
    confirm_notice,
    due_notices,
    make_notice,
    notice_pdf,
    planned,
    withdraw_notice,
)
from portal.servicing.late.print_queue import mark_mailed, print_notices, to_print
from portal.servicing.late.watch import look_after_notices
from portal.servicing.program_facts import statuses_of
from tests.factories.desk import Desk, open_desk
from tests.factories.financing import quoted, signed
from tests.factories.late import Financed, financed, paper_of, wait_until

STAFF = Actor("staff", "luis@harbor.example")
SEND = LateTerms(notices="send")


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


@pytest.fixture
def loan(desk: Desk) -> Financed:
    return financed(desk)


def settle_on(desk: Desk, terms: LateTerms) -> None:
    with desk.till.writing() as session:
        set_late_terms(session, terms, SYSTEM, desk.clock())


def run(desk: Desk) -> int:
    """The job's units on this day; says how many notices were made. What was planned is what is made."""
    today = desk.till.today()
    with desk.till.reading() as session:
        wanted = [due.program_id for due in due_notices(session, today)]
        steps = [(step.program_id, step.cents) for step in planned(session, today)]
    made = []
    for program_id in wanted:
        with desk.till.writing() as session:
            notice = make_notice(session, program_id, paper_of(desk), today, desk.clock())
            made += [(notice.program_id, notice.past_due_cents)] if notice else []
    assert made == steps
    with desk.till.writing() as session:
        look_after_notices(session, today, desk.clock(), refused_notices(session))
    return len(made)


def stored(desk: Desk) -> CancelNotice:
    with desk.till.reading() as session:
        return session.scalars(select(CancelNotice).order_by(CancelNotice.id.desc())).first()  # type: ignore[return-value]


def tasks(desk: Desk) -> list[str]:
    with desk.till.reading() as session:
        query = select(StaffTask.kind).where(StaffTask.closed_at.is_(None), StaffTask.kind.like("notice.%"))
        return sorted(session.scalars(query))


def status(desk: Desk, loan: Financed) -> str:
    with desk.till.reading() as session:
        return statuses_of(session, [loan.program_id], desk.till.today())[loan.program_id]


def late(desk: Desk, loan: Financed, days: int = 10) -> None:
    wait_until(desk, loan.due_dates[0] + timedelta(days=days))


def test_it_is_sent_on_its_day_once_with_its_pdf_and_runs_ten_days(desk: Desk, loan: Financed) -> None:
    settle_on(desk, SEND)
    late(desk, loan, 9)
    assert run(desk) == 0
    late(desk, loan)
    assert [run(desk), run(desk)] == [1, 0]
    notice = stored(desk)
    today = desk.till.today()
    assert (notice.sent_on, notice.pay_by) == (today, today + timedelta(days=10))
    assert notice.past_due_cents == loan.quote.offer.schedule.installments[0].payment_cents
    assert status(desk, loan) == "pending_cancelation"
    with desk.till.reading() as session:
        assert notice_pdf(session, notice).startswith(b"%PDF")
        mails = session.scalars(select(OutboxRow.dedupe_key).where(OutboxRow.kind == "mail.cancel_notice")).all()
    assert sorted(mails) == [f"{notice.id}:0", f"{notice.id}:1"]
    desk.assert_sound()


def test_its_days_count_from_the_day_on_which_a_late_loan_began(desk: Desk) -> None:
    """The down payment took until after the first due date: nobody could pay the installment before."""
    settle_on(desk, SEND)
    quote = quoted(desk)
    agreement = signed(desk, quote)
    began = quote.offer.schedule.installments[0].due_date + timedelta(days=24)
    wait_until(desk, began)
    submit(desk.till, desk.order(agreement.down_invoice_id))
    wait_until(desk, began + timedelta(days=9))
    assert run(desk) == 0
    wait_until(desk, began + timedelta(days=10))
    assert run(desk) == 1


def test_the_agency_confirms_each_by_default_or_makes_none(desk: Desk, loan: Financed) -> None:
    late(desk, loan)
    settle_on(desk, LateTerms(notices="off"))
    assert run(desk) == 0
    settle_on(desk, LateTerms())
    assert run(desk) == 1
    assert (stored(desk).sent_on, tasks(desk), status(desk, loan)) == (None, ["notice.to_confirm"], "overdue")
    with desk.till.writing() as session:
        confirm_notice(session, stored(desk).id, paper_of(desk), STAFF, desk.till.today(), desk.clock())
    assert (stored(desk).sent_on, stored(desk).confirmed_by) == (desk.till.today(), STAFF.name)
    assert (tasks(desk), status(desk, loan)) == ([], "pending_cancelation")
    with desk.till.writing() as session, pytest.raises(Conflict, match="confirmed already"):
        confirm_notice(session, stored(desk).id, paper_of(desk), STAFF, desk.till.today(), desk.clock())


def test_full_payment_stops_it_at_once_a_part_does_not(desk: Desk, loan: Financed) -> None:
    settle_on(desk, SEND)
    wait_until(desk, loan.due_dates[1] + timedelta(days=1))
    assert run(desk) == 1
    submit(desk.till, desk.order(loan.installments[0]))
    assert (stored(desk).closed_for, status(desk, loan)) == (None, "pending_cancelation")
    submit(desk.till, desk.order(loan.installments[1]))
    assert (stored(desk).closed_for, status(desk, loan)) == ("paid", "active")
    wait_until(desk, loan.due_dates[1] + timedelta(days=20))
    assert (run(desk), tasks(desk)) == (0, [])


def test_a_debit_pauses_it_and_its_failure_resumes_it_with_a_task(desk: Desk, loan: Financed) -> None:
    settle_on(desk, SEND)
    late(desk, loan)
    run(desk)
    last_day = stored(desk).pay_by
    assert last_day is not None
    wait_until(desk, last_day)
    debit = submit(desk.till, desk.order(loan.installments[0], card="pm_usBankAccount_processing"))
    assert (debit.state, status(desk, loan)) == ("processing", "processing")
    wait_until(desk, last_day + timedelta(days=3))
    run(desk)
    assert tasks(desk) == []
    with desk.till.writing() as session:
        payment = load(session, debit.id)
        move(session, payment, "declined", desk.clock())
        end(session, payment, "failed", desk.clock(), is_watched=False)
    assert status(desk, loan) == "pending_cancelation"
    run(desk)
    run(desk)
    assert tasks(desk) == ["notice.debit_failed", "notice.ended"]


def test_when_its_days_are_over_staff_are_asked_once_and_nothing_is_canceled(desk: Desk, loan: Financed) -> None:
    settle_on(desk, SEND)
    late(desk, loan)
    run(desk)
    late(desk, loan, 20)
    run(desk)
    assert tasks(desk) == []
    late(desk, loan, 21)
    run(desk)
    assert tasks(desk) == ["notice.ended"]
    with desk.till.reading() as session:
        assert session.get_one(Program, loan.program_id).canceled_on is None
    submit(desk.till, desk.order(loan.installments[0]))
    assert tasks(desk) == []


def test_taken_back_it_is_not_made_again_for_the_same_installments(desk: Desk, loan: Financed) -> None:
    late(desk, loan)
    run(desk)
    with desk.till.writing() as session:
        withdraw_notice(session, stored(desk).id, STAFF, desk.clock())
    assert (run(desk), tasks(desk), status(desk, loan)) == (0, [], "overdue")
    wait_until(desk, loan.due_dates[1] + timedelta(days=1))
    assert run(desk) == 1


def no_address(desk: Desk) -> None:
    with desk.till.writing() as session:
        session.delete(session.scalars(select(InsuredEmail)).one())


def in_florida(desk: Desk) -> None:
    with desk.till.writing() as session:
        session.scalars(select(Insured)).one().state = "FL"


@pytest.mark.parametrize(
    ("before", "terms", "open_tasks"),
    [
        (no_address, SEND, ["notice.to_print"]),
        (lambda desk: None, LateTerms(notices="send", notices_by_post=True), ["notice.to_print"]),
        (in_florida, SEND, ["notice.not_made"]),
    ],
)
def test_without_an_address_it_goes_by_post_and_where_the_state_wants_other_words_staff_write_it(
    desk: Desk, loan: Financed, before: Callable[[Desk], None], terms: LateTerms, open_tasks: list[str]
) -> None:
    settle_on(desk, terms)
    before(desk)
    late(desk, loan)
    run(desk)
    assert (tasks(desk), status(desk, loan)) == (open_tasks, "overdue")


def test_by_post_its_days_run_from_the_mailing_and_never_fewer_than_it_says(desk: Desk, loan: Financed) -> None:
    settle_on(desk, LateTerms(notices="send", notices_by_post=True))
    late(desk, loan)
    run(desk)
    today, notice_id = desk.till.today(), stored(desk).id

    def mark(days: int) -> None:
        with desk.till.writing() as session:
            mark_mailed(session, [notice_id], today + timedelta(days=days), STAFF, desk.till.today(), desk.clock())

    def print_for(days: int) -> list[bytes]:
        with desk.till.writing() as session:
            day = today + timedelta(days=days)
            return print_notices(session, [notice_id], day, paper_of(desk), STAFF, desk.till.today(), desk.clock())

    with pytest.raises(Conflict, match="not printed yet"):
        mark(0)
    with pytest.raises(BadInput, match="has passed"):
        print_for(-1)
    assert len(print_for(0)) == 1
    late(desk, loan, 12)
    with pytest.raises(Conflict, match="too few days"):
        mark(2)
    with pytest.raises(BadInput, match="not come yet"):
        mark(3)
    pdf = print_for(2)[0]
    mark(2)
    notice = stored(desk)
    assert (notice.sent_on, notice.pay_by) == (today + timedelta(days=2), today + timedelta(days=17))
    with desk.till.reading() as session:
        assert (notice_pdf(session, notice), list(to_print(session))) == (pdf, [])
    assert (tasks(desk), status(desk, loan)) == ([], "pending_cancelation")
    with pytest.raises(Conflict, match="does not wait"):
        mark(2)


def test_refused_by_every_address_it_goes_by_post_and_its_days_begin_anew(desk: Desk, loan: Financed) -> None:
    settle_on(desk, SEND)
    late(desk, loan)
    run(desk)
    with desk.till.writing() as session:
        session.add(
            SentMail(
                kind="mail.cancel_notice",
                dedupe_key=f"{stored(desk).id}:1",
                to="ana@bakery.example",
                subject="",
                text_body="",
                html_body="",
                program_id=loan.program_id,
                sent_at=desk.clock(),
                refused="550 no such user",
            )
        )
    run(desk)
    assert (stored(desk).by_post, stored(desk).pay_by, tasks(desk)) == (True, None, ["notice.to_print"])
    assert status(desk, loan) == "overdue"


def test_what_is_paid_meanwhile_is_not_sent(desk: Desk, loan: Financed) -> None:
    late(desk, loan)
    run(desk)
    notice = stored(desk)
    debit = submit(desk.till, desk.order(loan.installments[0], card="pm_usBankAccount_processing"))
    assert debit.state == "processing"
    with desk.till.writing() as session, pytest.raises(Conflict, match="under way"):
        confirm_notice(session, notice.id, paper_of(desk), STAFF, desk.till.today(), desk.clock())
    assert stored(desk).sent_on is None
