"""Staff send a payment link until it is paid, remind by hand, and say which addresses do not work."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.audit import AuditEntry
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import reading, writing
from portal.insureds.dead_addresses import DeadAddress
from portal.invoices.models import Invoice
from portal.programs.models import Program
from portal.servicing.reminders.models import LinkSequence, Reminder
from tests.factories.partners import make_partner
from tests.factories.payments import make_link
from tests.factories.people import BEGINNING, make_agency, make_insured, make_invoice, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, wait, words

EMAIL = "ana@bakery.example"


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app))


@pytest.fixture
def program(app: Flask, agency: Agency) -> Program:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, EMAIL)
        program = make_program(session, insured)
        make_invoice(session, insured, program)
        make_link(session, program)
    return program


@pytest.fixture
def producer(app: Flask, agency: Agency) -> Visitor:
    set_clock(app, BEGINNING)
    return staff_visitor(app, agency, "producer")


def queued(app: Flask, agency: Agency) -> int:
    with reading(engine_of(app), agency.id) as session:
        return len(session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.reminder")).all())


def act(staff: Visitor, program: Program, what: str) -> object:
    return staff.post(f"/admin/programs/{program.id}/{what}", f"/admin/programs/{program.id}")


def test_a_link_is_started_shown_and_stopped(app: Flask, agency: Agency, program: Program, producer: Visitor) -> None:
    page = f"/admin/programs/{program.id}"
    assert "The next reminder leaves on Jul 12, 2026." in words(producer.get(page))
    act(producer, program, "send-link")
    seen = words(producer.get(page))
    assert "Sending the link Since Jul 1, 2026, until it is paid. Next: Jul 3, 2026. Then: Jul 5, 2026." in seen
    assert "Payment link Jul 1, 2026 · On its way $1,000.00" in seen
    assert queued(app, agency) == 1
    act(producer, program, "send-link")
    assert queued(app, agency) == 1
    act(producer, program, "send-link/stop")
    assert "It was stopped." in words(producer.get(page))
    with reading(engine_of(app), agency.id) as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == program.id)).all()
        assert session.scalars(select(LinkSequence.started_by)).all() == ["producer@harbor.example"]
    assert {"link.sending_started", "link.sending_stopped"} <= set(actions)


def test_a_second_link_while_one_is_sent_is_refused_in_words(producer: Visitor, program: Program) -> None:
    act(producer, program, "send-link")
    answer = act(producer, program, "send-link")
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "being sent already" in words(answer)  # type: ignore[arg-type]


def test_one_reminder_by_hand_on_a_day(app: Flask, agency: Agency, program: Program, producer: Visitor) -> None:
    act(producer, program, "remind")
    assert queued(app, agency) == 1
    assert act(producer, program, "remind").status_code == 409  # type: ignore[attr-defined]
    wait(app, days=1)
    act(staff_visitor(app, agency, "producer"), program, "remind")
    assert queued(app, agency) == 2


def test_nothing_is_asked_for_where_nothing_is_due(
    app: Flask, agency: Agency, program: Program, producer: Visitor
) -> None:
    with writing(engine_of(app), agency.id) as session:
        invoice = session.scalars(select(Invoice)).one()
        invoice.state, invoice.open_cents = "paid", 0
    seen = words(producer.get(f"/admin/programs/{program.id}"))
    assert "Nothing is due now." in seen
    assert "Remind now" not in seen
    for what in ("send-link", "remind"):
        answer = act(producer, program, what)
        assert answer.status_code == 409  # type: ignore[attr-defined]
        assert "nothing to ask for" in words(answer)  # type: ignore[arg-type]


def test_where_a_partner_pays_the_customer_is_not_asked_and_the_pages_say_why(
    app: Flask, agency: Agency, program: Program, producer: Visitor
) -> None:
    with writing(engine_of(app), agency.id) as session:
        partner = make_partner(session)
        session.get_one(Program, program.id).billing_type = "agency_bill"
        session.scalars(select(Invoice)).one().partner_id = partner.id
    seen = words(producer.get(f"/admin/programs/{program.id}"))
    assert "A partner pays this: the customer is not asked." in seen
    assert "Remind now" not in seen
    for what in ("send-link", "remind"):
        assert "A partner pays this" in words(act(producer, program, what))  # type: ignore[arg-type]
    many = words(producer.post("/admin/programs/remind", "/admin/programs", program=str(program.id)))
    assert "Left out: 1 program" in many
    assert "A partner pays this, so the customer is not asked." in many
    assert queued(app, agency) == 0


def test_a_one_time_payment_has_a_page_with_the_same(app: Flask, agency: Agency, producer: Visitor) -> None:
    with writing(engine_of(app), agency.id) as session:
        invoice = make_invoice(session, make_insured(session, EMAIL), description="Vessel survey")
    found = producer.get("/admin/programs?q=vessel")
    assert "One-time payments Riverside Bakery LLC Vessel survey" in words(found)
    page = f"/admin/one-time/{invoice.id}"
    assert page in found.text
    assert "The next reminder leaves on Jul 12, 2026." in words(producer.get(page))
    assert producer.post(f"{page}/send-link", page).location == f"/harbor{page}"
    assert "Sending the link" in words(producer.get(page))
    assert "/pay/" in producer.get(page).text, "it has a payment link from then on"
    producer.post(f"{page}/send-link/stop", page)
    producer.post(f"{page}/remind", page)
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(Reminder.kind).order_by(Reminder.id)).all() == ["link", "by_hand"]


def test_an_invoice_of_a_program_has_no_such_page(app: Flask, program: Program, producer: Visitor) -> None:
    with reading(engine_of(app), producer.agency.id) as session:
        invoice_id = session.scalars(select(Invoice.id)).one()
    assert producer.get(f"/admin/one-time/{invoice_id}").status_code == 404
    assert producer.post(f"/admin/one-time/{invoice_id}/remind", "/admin/account").status_code == 404


def test_an_address_that_does_not_work_is_seen_everywhere_until_it_is_corrected(
    app: Flask, agency: Agency, program: Program, producer: Visitor
) -> None:
    page = f"/admin/insureds/{program.insured_id}/email"
    producer.post(f"{page}/dead", page, email=EMAIL, works="n")
    assert "Does not work" in words(producer.get(page))
    seen = words(producer.get(f"/admin/programs/{program.id}"))
    assert f"{EMAIL} Does not work" in seen
    assert "No address works. Reminders go nowhere." in seen
    assert "E-mail does not work" in words(producer.get("/admin/programs?q=riverside"))
    assert "Mail does not reach an address" in words(producer.get("/admin/attention"))
    answer = act(producer, program, "remind")
    assert "no e-mail address that works" in words(answer)  # type: ignore[arg-type]
    producer.post(page, old=EMAIL, email="new@bakery.example", reason="the old one is gone")
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(DeadAddress)).all() == []
        assert session.scalars(select(StaffTask.note)).one() == "The address was corrected."
    assert "Remind now" in words(producer.get(f"/admin/programs/{program.id}"))


def test_an_address_that_works_again_says_so(app: Flask, agency: Agency, program: Program, producer: Visitor) -> None:
    page = f"/admin/insureds/{program.insured_id}/email"
    producer.post(f"{page}/dead", page, email=EMAIL, works="n")
    producer.post(f"{page}/dead", page, email=EMAIL, works="y")
    assert "Does not work" not in words(producer.get(page))
    with reading(engine_of(app), agency.id) as session:
        task = session.scalars(select(StaffTask)).one()
        assert (task.note, task.closed_by) == ("The address works again.", "producer@harbor.example")
    stranger = producer.post(f"{page}/dead", page, email="who@else.example", works="n")
    assert stranger.status_code == 422


def test_support_sees_and_does_not_send(app: Flask, agency: Agency, program: Program) -> None:
    set_clock(app, BEGINNING)
    support = staff_visitor(app, agency, "support")
    seen = words(support.get(f"/admin/programs/{program.id}"))
    assert "The next reminder leaves on" in seen
    assert "Remind now" not in seen
    for what in ("send-link", "send-link/stop", "remind"):
        assert support.post(f"/admin/programs/{program.id}/{what}", "/admin/account").status_code == 403
