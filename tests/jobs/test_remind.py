"""Reminders are decided once: on their day, by the agency's clock, for whom something is due, and after an outage."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select

from portal.agencies.models import Agency
from portal.agencies.reminder_settings import Reminding, Step, set_reminding
from portal.core.audit import SYSTEM
from portal.core.failpoints import set_hook
from portal.core.outbox import OutboxRow
from portal.core.tenancy import Scoped, reading, writing
from portal.insureds.dead_addresses import mark_dead
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.jobs.context import JobContext
from portal.jobs.remind import remind, remind_agency
from portal.payments.models import Claim, Payment
from portal.programs.models import Program
from portal.servicing.planned import Planned
from portal.servicing.reminders.deciding import planned
from portal.servicing.reminders.models import LinkSequence, Reminder, ReminderStep
from portal.servicing.reminders.sequences import start_link
from portal.servicing.reminders.still_due import Account
from tests.factories.autopay import make_enrollment
from tests.factories.methods import make_method
from tests.factories.people import make_agency, make_insured, make_invoice, make_payment_under_way, make_program
from tests.factories.reminders import make_sequence
from tests.jobs.conftest import Clock

ZONE = ZoneInfo("America/New_York")
DUE = date(2026, 8, 1)
Fill = Callable[[Scoped], object]


@pytest.fixture
def agency(engine: Engine) -> Agency:
    return make_agency(engine)


@pytest.fixture
def program(engine: Engine, agency: Agency) -> int:
    """A program with one invoice over $1,000.00, due on August 1."""
    with writing(engine, agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        program = make_program(session, insured)
        make_invoice(session, insured, program)
        return program.id


def on(clock: Clock, day: date, hour: int = 9, minute: int = 30) -> None:
    clock.at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def run_on(jobs: JobContext, clock: Clock, day: date, hour: int = 9) -> None:
    on(clock, day, hour)
    remind(jobs)


def run_daily(jobs: JobContext, clock: Clock, first: date, last: date) -> None:
    while first <= last:
        run_on(jobs, clock, first)
        first += timedelta(days=1)


def decided(engine: Engine, agency: Agency) -> list[tuple[str, str]]:
    """Day and kind of each mail, in order."""
    with reading(engine, agency.id) as session:
        return [(f"{row.day:%m-%d}", row.kind) for row in session.scalars(select(Reminder).order_by(Reminder.id))]


def queued(engine: Engine, agency: Agency) -> int:
    with reading(engine, agency.id) as session:
        return len(session.scalars(select(OutboxRow.id).where(OutboxRow.kind == "mail.reminder")).all())


def change(engine: Engine, agency: Agency, model: Any, **values: Any) -> None:
    with writing(engine, agency.id) as session:
        for row in session.scalars(select(model)):
            for name, value in values.items():
                setattr(row, name, value)


def test_each_step_has_its_mail_and_no_day_has_two(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    for _ in range(3):
        run_daily(jobs, clock, date(2026, 7, 10), date(2026, 8, 20))
    assert decided(engine, agency) == [
        *(("07-12", "upcoming"), ("07-25", "upcoming"), ("07-29", "upcoming"), ("07-30", "upcoming")),
        *(("07-31", "upcoming"), ("08-01", "upcoming")),
        *(("08-02", "overdue"), ("08-06", "overdue"), ("08-11", "overdue")),
    ]
    assert queued(engine, agency) == 9


def test_it_begins_at_the_agencys_hour_and_not_late_at_night(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    for hour in (0, 5, 8, 21, 23):
        run_on(jobs, clock, date(2026, 7, 25), hour)
    assert decided(engine, agency) == []
    run_on(jobs, clock, date(2026, 7, 25), 20)
    assert decided(engine, agency) == [("07-25", "upcoming")]


@pytest.mark.parametrize(
    ("first", "last"), [(date(2026, 10, 30), date(2026, 11, 3)), (date(2027, 3, 12), date(2027, 3, 16))]
)
def test_days_on_which_clocks_change_are_days_like_others(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, first: date, last: date
) -> None:
    """Every hour of them, the one that comes twice in autumn too."""
    with writing(engine, agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        make_invoice(session, insured, make_program(session, insured), due_date=first + timedelta(days=2))
    clock.at = datetime(first.year, first.month, first.day, tzinfo=ZONE).astimezone(UTC)
    while clock.at.astimezone(ZONE).date() <= last:
        remind_agency(jobs, agency.id)
        clock.forward(hours=1)
    days = [day for day, _ in decided(engine, agency)]
    assert days == [f"{first + timedelta(days=n):%m-%d}" for n in range(4)]


def test_after_an_outage_of_four_days_one_mail_makes_up_for_all(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    run_daily(jobs, clock, date(2026, 7, 20), date(2026, 7, 28))
    run_daily(jobs, clock, date(2026, 8, 1), date(2026, 8, 5))
    assert decided(engine, agency) == [("07-25", "upcoming"), ("08-01", "upcoming"), ("08-02", "overdue")]
    with reading(engine, agency.id) as session:
        steps = session.scalars(select(ReminderStep.step).order_by(ReminderStep.id)).all()
    assert steps == ["before.7", "before.0", "after.1"]


def test_a_step_that_was_missed_is_made_up_for_within_four_days(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    run_on(jobs, clock, date(2026, 7, 16))
    assert decided(engine, agency) == [("07-16", "upcoming")]
    run_on(jobs, clock, date(2026, 8, 15))
    assert decided(engine, agency) == [("07-16", "upcoming"), ("08-15", "overdue")]
    run_daily(jobs, clock, date(2026, 8, 16), date(2026, 9, 20))
    assert len(decided(engine, agency)) == 2


NOBODY: dict[str, Fill] = {
    "paid": lambda s: _set(s, Invoice, state="paid", open_cents=0),
    "void": lambda s: _set(s, Invoice, state="void", open_cents=0),
    "a draft": lambda s: _set(s, Invoice, state="draft"),
    "what a loan pays": lambda s: _set(s, Invoice, kind="financed"),
    "archived": lambda s: _set(s, Program, archived_at=datetime(2026, 7, 2, tzinfo=UTC)),
    "canceled": lambda s: _set(s, Program, canceled_on=date(2026, 7, 2)),
    "a program that is prepared": lambda s: _set(s, Program, is_draft=True),
    "agency bill": lambda s: _set(s, Program, billing_type="agency_bill"),
    "a bank debit under way": lambda s: make_payment_under_way(s, s.scalars(select(Invoice)).one()),
    "what autopay charges": lambda s: _on_autopay(s),
}


def _on_autopay(session: Scoped, **more: Any) -> None:
    _set(session, Invoice, kind="installment")
    program_id = session.scalars(select(Program.id)).one()
    make_enrollment(session, program_id, make_method(session, "ana@bakery.example"), **more)


def _set(session: Scoped, model: Any, **values: Any) -> None:
    row = session.scalars(select(model)).one()
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


@pytest.mark.parametrize("who", NOBODY)
def test_nobody_is_reminded_of(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int, who: str
) -> None:
    with writing(engine, agency.id) as session:
        NOBODY[who](session)
    run_daily(jobs, clock, date(2026, 7, 24), date(2026, 8, 8))
    assert decided(engine, agency) == []


@pytest.mark.parametrize(
    "why", ["its bank refuses the method", "it was past due at the consent", "it is of a kind that autopay leaves"]
)
def test_what_autopay_does_not_charge_is_asked_for(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int, why: str
) -> None:
    with writing(engine, agency.id) as session:
        if why == "its bank refuses the method":
            _on_autopay(session, asks_since=datetime(2026, 7, 30, tzinfo=UTC))
        elif why == "it was past due at the consent":
            _on_autopay(session, at=datetime(2026, 8, 2, 12, tzinfo=UTC))
        else:
            _on_autopay(session)
            _set(session, Invoice, kind="pay_in_full")
    run_daily(jobs, clock, date(2026, 8, 6), date(2026, 8, 8))
    assert decided(engine, agency) == [("08-06", "overdue")]


def test_importing_never_mails_and_only_later_steps_count(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    """It came in on the day before its due date, an hour before the run."""
    change(engine, agency, Program, created_at=datetime(2026, 7, 31, 12, tzinfo=UTC))
    change(engine, agency, Invoice, issued_on=date(2026, 7, 1))
    run_on(jobs, clock, date(2026, 7, 31))
    assert decided(engine, agency) == []
    run_on(jobs, clock, date(2026, 8, 1))
    assert decided(engine, agency) == [("08-01", "upcoming")]


def test_what_was_due_long_ago_is_not_asked_for_after_an_import(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    change(engine, agency, Program, created_at=datetime(2026, 8, 12, 12, tzinfo=UTC))
    run_daily(jobs, clock, date(2026, 8, 12), date(2026, 9, 12))
    assert decided(engine, agency) == []


def test_a_change_of_settings_does_not_bring_back_days_before_it(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    run_on(jobs, clock, date(2026, 7, 25))
    with writing(engine, agency.id) as session:
        set_reminding(session, Reminding(before=(Step(9), Step(8), Step(4)), after=()), date(2026, 7, 26))
    run_daily(jobs, clock, date(2026, 7, 26), date(2026, 8, 20))
    assert decided(engine, agency) == [("07-25", "upcoming"), ("07-28", "upcoming")]


def test_another_due_date_has_steps_of_its_own(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    run_on(jobs, clock, date(2026, 7, 25))
    change(engine, agency, Invoice, due_date=date(2026, 8, 20))
    run_daily(jobs, clock, date(2026, 7, 26), date(2026, 8, 13))
    assert decided(engine, agency) == [("07-25", "upcoming"), ("07-31", "upcoming"), ("08-13", "upcoming")]


def test_a_payment_that_failed_yesterday_is_not_followed_by_yesterdays_mail(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    with writing(engine, agency.id) as session:
        payment = make_payment_under_way(session, session.scalars(select(Invoice)).one())
        payment.state, payment.changed_at = "failed", datetime(2026, 7, 27, 15, tzinfo=UTC)
        session.scalars(select(Claim)).one().state = "released"
    run_daily(jobs, clock, date(2026, 7, 27), date(2026, 7, 29))
    assert decided(engine, agency) == [("07-29", "upcoming")]
    with reading(engine, agency.id) as session:
        assert session.scalars(select(Payment.state)).one() == "failed"


def test_what_falls_on_one_day_is_one_mail_and_names_what_is_past_due(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    with writing(engine, agency.id) as session:
        owner = session.get_one(Program, program)
        insured = session.get_one(Insured, owner.insured_id)
        for due in (date(2026, 8, 1), date(2026, 7, 19), date(2026, 9, 30)):
            make_invoice(session, insured, owner, due_date=due, total_cents=10_000)
    run_on(jobs, clock, date(2026, 7, 29))
    with reading(engine, agency.id) as session:
        row = session.scalars(select(Reminder)).one()
        assert (row.kind, row.cents) == ("overdue", 120_000)
        assert len(session.scalars(select(ReminderStep)).all()) == 3
    assert queued(engine, agency) == 1


def test_every_address_that_works_gets_its_mail_and_a_programs_own_stands_for_all(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency
) -> None:
    at = datetime(2026, 7, 2, tzinfo=UTC)
    with writing(engine, agency.id) as session:
        both = make_insured(session, "ana@bakery.example", "bob@bakery.example")
        own = make_insured(session, "eva@bakery.example")
        dead = make_insured(session, "gone@bakery.example")
        fallback = make_insured(session, "fay@bakery.example")
        make_invoice(session, both, make_program(session, both))
        make_invoice(session, own, make_program(session, own, contact_email="site@bakery.example"))
        make_invoice(session, dead, make_program(session, dead))
        make_invoice(session, fallback, make_program(session, fallback, contact_email="gone@bakery.example"))
        make_invoice(session, make_insured(session))
        mark_dead(session, "gone@bakery.example", "refused", "550", SYSTEM, at)
    run_on(jobs, clock, date(2026, 7, 25))
    with reading(engine, agency.id) as session:
        rows = session.scalars(select(Reminder).order_by(Reminder.id)).all()
        assert [(row.addresses, row.dropped_why) for row in rows] == [
            *((2, None), (1, None), (0, "no_address"), (1, None), (0, "no_address"))
        ]
        shown = planned(session, date(2026, 7, 29), date(2026, 7, 26), agency.time_zone)
    assert [one.to for one in shown] == [
        *(("ana@bakery.example", "bob@bakery.example"), ("site@bakery.example",), (), ("fay@bakery.example",), ())
    ]
    assert queued(engine, agency) == 4


def test_what_staff_see_beforehand_is_what_the_run_does(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    with writing(engine, agency.id) as session:
        make_sequence(session, session.get_one(Program, program), first_on=date(2026, 7, 24))
    for day in (date(2026, 7, 12) + timedelta(days=n) for n in range(34)):
        with reading(engine, agency.id) as session:
            seen: list[Planned] = planned(session, day, day - timedelta(days=1), agency.time_zone)
        before = decided(engine, agency)
        run_on(jobs, clock, day)
        done = decided(engine, agency)[len(before) :]
        assert [(f"{one.on:%m-%d}", one.step.removeprefix("reminder.")) for one in seen] == done


def test_two_workers_decide_each_mail_once(engine: Engine, jobs: JobContext, clock: Clock, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        for _ in range(30):
            make_invoice(session, insured, make_program(session, insured))
    on(clock, date(2026, 7, 25))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: remind_agency(jobs, agency.id), range(4)))
    assert len(decided(engine, agency)) == queued(engine, agency) == 30


class Crash(BaseException):
    """The process ends here."""


def ending_at(number: int) -> Callable[[str], None]:
    passed = count(1)

    def end(_name: str) -> None:
        if next(passed) == number:
            raise Crash

    return end


def test_a_worker_that_ends_anywhere_loses_no_mail_and_doubles_none(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    with writing(engine, agency.id) as session:
        start_link(session, Account(program, None), SYSTEM, date(2026, 7, 27), datetime(2026, 7, 27, 15, tzinfo=UTC))
    on(clock, date(2026, 7, 29))
    for crash_at in range(1, 8):
        set_hook(ending_at(crash_at))
        try:
            remind_agency(jobs, agency.id)
        except Crash:
            pass
        finally:
            set_hook(None)
    remind_agency(jobs, agency.id)
    assert decided(engine, agency) == [("07-27", "link"), ("07-29", "link")]
    assert queued(engine, agency) == 2


def test_a_link_is_sent_on_its_days_and_takes_the_reminders_place(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    on(clock, date(2026, 7, 25), 7)
    with writing(engine, agency.id) as session:
        start_link(session, Account(program, None), SYSTEM, date(2026, 7, 25), clock.at)
    run_daily(jobs, clock, date(2026, 7, 25), date(2026, 7, 31))
    assert decided(engine, agency) == [
        *(("07-25", "link"), ("07-27", "link"), ("07-29", "link"), ("07-30", "upcoming"), ("07-31", "upcoming"))
    ]
    with reading(engine, agency.id) as session:
        assert session.scalars(select(LinkSequence.ended_why)).one() == "sent"


def test_a_link_ends_when_it_is_paid_and_waits_while_a_debit_is_under_way(
    engine: Engine, jobs: JobContext, clock: Clock, agency: Agency, program: int
) -> None:
    on(clock, date(2026, 7, 14))
    with writing(engine, agency.id) as session:
        start_link(session, Account(program, None), SYSTEM, date(2026, 7, 14), clock.at)
        payment = make_payment_under_way(session, session.scalars(select(Invoice)).one())
    run_on(jobs, clock, date(2026, 7, 16))
    assert decided(engine, agency) == [("07-14", "link")]
    with writing(engine, agency.id) as session:
        assert session.scalars(select(LinkSequence.ended_at)).one() is None
        session.get_one(Payment, payment.id).state = "succeeded"
        session.scalars(select(Claim)).one().state = "consumed"
        _set(session, Invoice, state="paid", open_cents=0)
    run_on(jobs, clock, date(2026, 7, 17))
    with reading(engine, agency.id) as session:
        assert session.scalars(select(LinkSequence.ended_why)).one() == "settled"
    run_daily(jobs, clock, date(2026, 7, 18), date(2026, 8, 10))
    assert len(decided(engine, agency)) == 1
