"""Reminders leave if they are still due at that moment, once, to addresses that work; who has paid hears nothing."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import ProcessorAccount
from portal.cli.job_handlers import job_context
from portal.cli.mail_jobs import MailJobs
from portal.core.audit import SYSTEM
from portal.core.failpoints import set_hook
from portal.core.outbox import OutboxRow, enqueue
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import writing
from portal.insureds.dead_addresses import DeadAddress
from portal.invoices.models import Invoice
from portal.jobs.context import JobContext
from portal.jobs.drain_outbox import drain
from portal.jobs.remind import remind_agency
from portal.notices.message import AddressRefused, MailUndeliverable
from portal.notices.models import SentMail
from portal.payments.submit import submit
from portal.programs.models import Program
from portal.servicing.reminders.models import LinkSequence, Reminder
from portal.servicing.reminders.sequences import start_link, stop_link
from portal.servicing.reminders.still_due import Account
from portal.settings import Settings
from tests.cli.test_mail_jobs import Postbox
from tests.cli.test_mail_jobs import postbox as postbox
from tests.factories.desk import Desk
from tests.payments.conftest import desk as desk
from tests.web.visitor import services_of

NOON = 12


@dataclass
class Office:
    """An agency whose worker runs when told, at noon of a day."""

    desk: Desk
    jobs: JobContext
    postbox: Postbox
    invoice: Invoice

    @property
    def account(self) -> Account:
        return Account(self.invoice.program_id, None)

    def at(self, days_before: int) -> datetime:
        day = self.invoice.due_date - timedelta(days=days_before)
        return datetime(day.year, day.month, day.day, NOON, tzinfo=ZoneInfo(self.desk.agency.time_zone)).astimezone(UTC)

    def go_to(self, days_before: int) -> None:
        self.desk.clock.ahead += self.at(days_before) - self.desk.clock()

    def decide(self) -> int:
        return remind_agency(self.jobs, self.desk.agency.id)

    def send(self) -> list[str]:
        """Drain, and say the subjects of what reached anybody."""
        before = len(self.postbox.sent)
        drain(self.jobs)
        return [str(message.subject).split(" ", 1)[1] for message, _ in self.postbox.sent[before:]]

    def reminders(self) -> list[tuple[str, str | None]]:
        with self.desk.till.reading() as session:
            return [(row.kind, row.dropped_why) for row in session.scalars(select(Reminder).order_by(Reminder.id))]


@pytest.fixture
def office(app: Flask, settings: Settings, desk: Desk, postbox: Postbox) -> Office:
    invoice_id = desk.invoice(in_program=True)
    with desk.till.writing() as session:
        invoice = session.get_one(Invoice, invoice_id)
        invoice.due_date = (desk.clock() + timedelta(days=40)).date()
    parts = services_of(app)
    mails = MailJobs(desk.till.engine, parts.directory, parts.links, postbox, parts.renderer, parts.secret, desk.clock)
    context = job_context(app, settings)
    jobs = replace(context, engine=desk.till.engine, outbox=mails.handlers(), now=desk.clock)
    return Office(desk, jobs, postbox, invoice)


def test_the_mail_says_how_much_by_when_and_leads_to_the_payment(office: Office) -> None:
    office.go_to(3)
    office.decide()
    assert office.send() == [f"is due on {office.invoice.due_date}"]
    message, _ = office.postbox.sent[0]
    assert message.recipient.address == "ana@bakery.example"
    assert str(message.context["heading"]) == "A payment is due in 3 days"
    assert f"invoice={office.invoice.id}" in str(message.context["payment_url"])
    for _ in range(3):
        office.decide()
        assert office.send() == []
    assert office.reminders() == [("upcoming", None)]


def test_who_pays_while_the_mail_waits_does_not_get_it_and_it_is_kept_as_dropped(office: Office) -> None:
    office.go_to(3)
    office.decide()
    submit(office.desk.till, office.desk.order(office.invoice.id))
    office.send()
    assert office.postbox.subjects == ["Receipt"]
    assert office.reminders() == [("upcoming", "settled")]
    office.desk.assert_sound()


@pytest.mark.parametrize("change", ["archived", "void", "another due date", "canceled"])
def test_what_is_no_longer_due_is_not_asked_for(office: Office, change: str) -> None:
    office.go_to(3)
    office.decide()
    with office.desk.till.writing() as session:
        invoice = session.get_one(Invoice, office.invoice.id)
        program = session.get_one(Program, invoice.program_id)
        if change == "archived":
            program.archived_at = office.desk.clock()
        elif change == "canceled":
            program.canceled_on = office.desk.clock().date()
        elif change == "void":
            invoice.state, invoice.open_cents = "void", 0
        else:
            invoice.due_date += timedelta(days=30)
    assert office.send() == []
    assert office.reminders() == [("upcoming", "settled")]


def test_a_mail_server_that_is_busy_for_a_day_sends_what_is_true_then_and_only_the_later_one(office: Office) -> None:
    office.go_to(3)
    office.decide()
    office.postbox.troubles = [MailUndeliverable("450 later")]
    assert office.send() == []
    office.go_to(2)
    office.decide()
    assert office.send() == [f"is due on {office.invoice.due_date}"]
    assert str(office.postbox.sent[0][0].context["heading"]) == "A payment is due in 2 days"
    assert office.reminders() == [("upcoming", "replaced"), ("upcoming", None)]
    assert office.postbox.sent[0][0].recipient.address not in _dead(office)


def _dead(office: Office) -> list[str]:
    with office.desk.till.reading() as session:
        return list(session.scalars(select(DeadAddress.email)))


def test_a_refused_address_stops_the_reminders_and_is_a_matter_for_staff(office: Office) -> None:
    office.go_to(3)
    office.decide()
    office.postbox.troubles = [AddressRefused("550 no such user")]
    assert office.send() == []
    assert _dead(office) == ["ana@bakery.example"]
    office.go_to(2)
    office.decide()
    assert office.send() == []
    assert office.reminders() == [("upcoming", None), ("upcoming", "no_address")]
    with office.desk.till.reading() as session:
        task = session.scalars(select(StaffTask)).one()
        assert (task.kind, task.ref, task.detail["answer"]) == (
            "mail.refused",
            "ana@bakery.example",
            "550 no such user",
        )
        assert session.scalars(select(SentMail.refused)).one() == "550 no such user"


def test_an_address_of_a_stranger_is_not_marked(office: Office) -> None:
    """A third party's receipt is refused: no reminder goes to them anyhow."""
    order = office.desk.order(office.invoice.id)
    submit(office.desk.till, replace(order, payer=replace(order.payer, kind="guest", email="pat@lender.example")))
    office.postbox.troubles = [AddressRefused("550 no such user")]
    office.send()
    assert _dead(office) == []


def test_a_link_that_staff_stop_at_once_does_not_leave(office: Office) -> None:
    office.go_to(25)
    with office.desk.till.writing() as session:
        start_link(session, office.account, SYSTEM, office.desk.clock().date(), office.desk.clock())
        stop_link(session, office.account, SYSTEM, office.desk.clock())
    assert office.send() == []
    assert office.reminders() == [("link", "settled")]


def test_a_link_is_sent_until_it_is_paid(office: Office) -> None:
    office.go_to(18)
    with office.desk.till.writing() as session:
        start_link(session, office.account, SYSTEM, office.desk.clock().date(), office.desk.clock())
    assert office.send() == [f"is due on {office.invoice.due_date}"]
    office.go_to(16)
    office.decide()
    assert office.send() == [f"is due on {office.invoice.due_date}"]
    submit(office.desk.till, office.desk.order(office.invoice.id))
    office.send()
    for days_before in (14, 7, 3, 0, -1, -5):
        office.go_to(days_before)
        office.decide()
        assert office.send() == []
    with office.desk.till.reading() as session:
        assert session.scalars(select(LinkSequence.ended_why)).one() == "settled"
    office.desk.assert_sound()


class Crash(BaseException):
    """The process ends here."""


def test_a_worker_that_ends_anywhere_sends_each_mail_under_one_message_id(office: Office) -> None:
    office.go_to(3)

    def ending_at(number: int) -> None:
        left = [number]

        def end(_name: str) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Crash

        set_hook(end)

    for number in range(1, 9):
        ending_at(number)
        try:
            office.decide()
            drain(office.jobs)
        except Crash:
            pass
        finally:
            set_hook(None)
        office.desk.clock.pass_(minutes=3)
    office.decide()
    drain(office.jobs)
    assert len({key for _, key in office.postbox.sent}) == 1
    with office.desk.till.reading() as session:
        assert len(session.scalars(select(SentMail.id)).all()) == 1
        assert len(session.scalars(select(Reminder.id)).all()) == 1


def test_after_a_restore_nobody_is_reminded_until_it_is_known_who_has_paid(office: Office) -> None:
    office.go_to(3)
    office.decide()
    _restored_from(office, office.desk.clock())
    assert office.send() == []
    office.go_to(2)
    office.decide()
    assert office.send() == []
    _restored_from(office, None)
    office.go_to(1)
    office.decide()
    assert office.send() == [f"is due on {office.invoice.due_date}"]
    assert office.reminders() == [("upcoming", "replaced"), ("upcoming", None)]


def _restored_from(office: Office, moment: datetime | None) -> None:
    with office.desk.till.writing() as session:
        session.scalars(select(ProcessorAccount)).one().restored_from = moment


def test_staff_send_one_again_even_after_a_later_one(office: Office) -> None:
    for days_before in (3, 2):
        office.go_to(days_before)
        office.decide()
        office.send()
    with writing(office.desk.till.engine, office.desk.agency.id) as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.reminder").order_by(OutboxRow.id)).all()
        first = rows[0]
        enqueue(session, first.kind, f"{first.dedupe_key}#1", first.payload, office.desk.clock())
    assert office.send() == [f"is due on {office.invoice.due_date}"]
