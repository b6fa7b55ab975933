"""Mails that follow a payment: sent once, never lost, and true when they are read."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, select

from portal.cli.job_handlers import job_context
from portal.cli.mail_jobs import MailJobs
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import assert_no_open_unit
from portal.jobs.context import JobContext
from portal.jobs.drain_outbox import drain
from portal.jobs.forget_records import forget_of_agency
from portal.notices.message import AddressRefused, MailUndeliverable, Message, RenderedMail
from portal.notices.models import MailText, SentMail
from portal.payments.inbox import handle
from portal.payments.reconcile import reconcile
from portal.payments.submit import submit
from portal.settings import Settings
from tests.factories.desk import Desk
from tests.factories.mail import running_inbox
from tests.payments.conftest import desk as desk
from tests.payments.interruptions import Crash, Points, interrupted
from tests.web.visitor import services_of

BANK_ASKS = "pm_card_threeDSecure2Required"


@dataclass
class Postbox:
    """Takes mails; `troubles` are what happens to the next ones instead."""

    sent: list[tuple[Message, str]] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)

    def render(self, message: Message) -> RenderedMail:
        return RenderedMail(str(message.subject), "", "")

    def send(self, message: Message, *, dedupe_key: str) -> str:
        assert_no_open_unit()
        if self.troubles:
            raise self.troubles.pop(0)
        self.sent.append((message, dedupe_key))
        return dedupe_key

    @property
    def subjects(self) -> list[str]:
        return sorted(str(message.subject).split(":")[0].split(" of $")[0] for message, _ in self.sent)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def jobs(app: Flask, settings: Settings, desk: Desk, postbox: Postbox) -> JobContext:
    parts = services_of(app)
    mails = MailJobs(desk.till.engine, parts.directory, parts.links, postbox, parts.renderer, parts.secret, desk.clock)
    return replace(job_context(app, settings), engine=desk.till.engine, outbox=mails.handlers(), now=desk.clock)


def kept(desk: Desk) -> list[tuple[str, str | None]]:
    with desk.till.reading() as session:
        return list(session.execute(select(SentMail.kind, SentMail.refused).order_by(SentMail.id)))


def waiting(desk: Desk) -> int:
    with desk.till.reading() as session:
        return len(session.scalars(select(OutboxRow).where(OutboxRow.done_at.is_(None))).all())


def test_a_receipt_leaves_once(desk: Desk, jobs: JobContext, postbox: Postbox) -> None:
    submit(desk.till, desk.order(desk.invoice()))
    for _ in range(3):
        drain(jobs)
        desk.clock.pass_(hours=2)
    assert postbox.subjects == ["Receipt"]
    assert kept(desk) == [("mail.payment_receipt", None)]
    assert waiting(desk) == 0


def test_the_books_still_hold_when_the_outbox_has_been_forgotten(
    desk: Desk, jobs: JobContext, postbox: Postbox
) -> None:
    """After a month the rows that were delivered go; that the receipt was sent stays known."""
    submit(desk.till, desk.order(desk.invoice()))
    drain(jobs)
    desk.clock.pass_(days=31)
    forget_of_agency(jobs, desk.agency.id)
    with desk.till.reading() as session:
        assert session.scalars(select(OutboxRow.kind)).all() == []
    desk.assert_sound()


def test_a_mail_server_that_is_away_loses_nothing(desk: Desk, jobs: JobContext, postbox: Postbox) -> None:
    submit(desk.till, desk.order(desk.invoice()))
    postbox.troubles = [MailUndeliverable("away"), MailUndeliverable("away")]
    drain(jobs)
    assert postbox.sent == []
    for _ in range(2):
        desk.clock.pass_(minutes=5)
        drain(jobs)
    assert postbox.subjects == ["Receipt"]


def test_a_worker_that_ends_between_sending_and_noting_it_sends_the_same_message_again(
    desk: Desk, jobs: JobContext, postbox: Postbox
) -> None:
    """Rather twice than never; the second copy has the same Message-ID."""
    submit(desk.till, desk.order(desk.invoice()))

    def end(connection: object) -> None:
        if postbox.sent:
            raise Crash

    event.listen(desk.till.engine, "commit", end)
    with pytest.raises(Crash):
        drain(jobs)
    event.remove(desk.till.engine, "commit", end)
    assert kept(desk) == []
    desk.clock.pass_(minutes=5)
    drain(jobs)
    assert len({key for _, key in postbox.sent}) == 1
    assert kept(desk) == [("mail.payment_receipt", None)]


def test_an_address_that_is_refused_for_good_is_a_task_and_no_loop(
    desk: Desk, jobs: JobContext, postbox: Postbox
) -> None:
    submit(desk.till, desk.order(desk.invoice()))
    postbox.troubles = [AddressRefused("550 no such user")]
    for _ in range(2):
        drain(jobs)
        desk.clock.pass_(hours=2)
    assert (postbox.sent, waiting(desk)) == ([], 0)
    with desk.till.reading() as session:
        assert session.scalars(select(StaffTask.kind)).all() == ["mail.refused"]


def test_a_payment_that_was_stopped_is_not_said_to_be_declined(desk: Desk, jobs: JobContext, postbox: Postbox) -> None:
    payment = submit(desk.till, desk.order(desk.invoice(), card=BANK_ASKS))
    desk.clock.pass_(minutes=31)
    reconcile(desk.till, payment.id)
    drain(jobs)
    assert postbox.subjects == ["Your payment"]
    assert str(postbox.sent[0][0].context["reason"]) == "This payment was stopped before anything was charged."


def test_who_has_paid_meanwhile_does_not_hear_of_the_try_before(desk: Desk, jobs: JobContext, postbox: Postbox) -> None:
    invoice = desk.invoice()
    payment = submit(desk.till, desk.order(invoice, card=BANK_ASKS))
    desk.clock.pass_(minutes=31)
    reconcile(desk.till, payment.id)
    submit(desk.till, desk.order(invoice))
    drain(jobs)
    assert postbox.subjects == ["Receipt"]


def test_money_that_became_credit_was_not_paid_for_anybody(desk: Desk, jobs: JobContext, postbox: Postbox) -> None:
    """The third party's payment was stopped, and succeeded all the same: the invoice is still open."""
    order = desk.order(desk.invoice())
    order = replace(order, payer=replace(order.payer, kind="link"))
    with interrupted(desk.till, Points(loses={2: "never arrived"})) as till:
        payment = submit(till, order)
    desk.close_by_mistake(payment)
    assert payment.intent_id is not None
    assert payment.confirmation_token is not None
    desk.till.gateway.confirm(payment.intent_id, payment.confirmation_token, payment.return_url, "by hand")
    assert handle(desk.till, "payment_intent.succeeded", payment.intent_id) == "succeeded"
    for _ in range(2):
        drain(jobs)
    assert postbox.subjects == ["Receipt"]
    receipt = postbox.sent[0][0].context["receipt"]
    assert [str(line.label) for line in receipt.lines] == ["Credit on your account"]


def test_a_mail_leaves_in_the_agency_s_own_words_of_that_day_and_stays_as_it_was(
    desk: Desk, jobs: JobContext, postbox: Postbox
) -> None:
    for version, words in enumerate(("First words", "Later words"), 1):
        with desk.till.writing() as session:
            row = MailText(kind="payment_receipt", language="en", version=version, written_by="x")
            row.subject, row.opening, row.closing, row.written_at = "", words, "", desk.clock()
            session.add(row)
        submit(desk.till, desk.order(desk.invoice()))
        drain(jobs)
    assert [message.own.opening for message, _ in postbox.sent] == ["First words", "Later words"]
    assert [message.subject.message[:8] for message, _ in postbox.sent] == ["Receipt:", "Receipt:"]


def test_what_is_kept_of_a_mail_has_the_own_words(desk: Desk, app: Flask, settings: Settings, tmp_path: Path) -> None:
    with desk.till.writing() as session:
        row = MailText(kind="payment_receipt", language="en", version=1, written_by="x", written_at=desk.clock())
        row.subject, row.opening, row.closing = "{date}, {amount}: thank you, {name}", "Hello {name}", ""
        session.add(row)
    parts = services_of(app)
    submit(desk.till, desk.order(desk.invoice()))
    with running_inbox(tmp_path / "inbox") as inbox:
        mails = MailJobs(
            desk.till.engine, parts.directory, parts.links, inbox.mailer(), parts.renderer, parts.secret, desk.clock
        )
        drain(replace(job_context(app, settings), engine=desk.till.engine, outbox=mails.handlers(), now=desk.clock))
        newest = inbox.newest()
    with desk.till.reading() as session:
        sent = session.scalars(select(SentMail)).one()
    assert sent.subject.endswith(": thank you, " + sent.text_body.partition("\n")[0].removeprefix("Hello "))
    assert newest["subject"] == sent.subject
    assert "Amount paid" in sent.text_body
