"""What waits for staff: in plain words, counted, marked as done by who may."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.audit import AuditEntry
from portal.core.staff_tasks import StaffTask, open_task
from portal.core.tenancy import reading, writing
from tests.factories.people import make_agency, make_insured, make_invoice, make_payment_under_way, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import engine_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    agency = make_agency(engine_of(app))
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        program = make_program(session, insured, reference="HBR-2001")
        payment = make_payment_under_way(session, make_invoice(session, insured, program, number="INV-9001"))
        open_task(session, "payment.refund_due", str(payment.id), AT, cents=120_50, received_cents=240_00)
        open_task(session, "mail.refused", "ana@bakery.example", AT, mail="mail.payment_receipt", answer="550 no such")
    return agency


def _task(app: Flask, agency: Agency, kind: str) -> StaffTask:
    with reading(engine_of(app), agency.id) as session:
        return session.scalars(select(StaffTask).where(StaffTask.kind == kind)).one()


def test_each_matter_says_what_happened_with_amounts_links_and_choices(app: Flask, agency: Agency) -> None:
    page = staff_visitor(app, agency, "accountant").get("/admin/attention")
    seen = words(page)
    for expected in (
        "Money came in that no invoice takes",
        "Too much $120.50",
        "Received $240.00",
        "Refund it, after asking the customer.",
        "Mail does not reach an address",
        "550 no such",
        "ana@bakery.example",
    ):
        assert expected in seen
    assert "/harbor/admin/programs/1" in page.text
    assert "/harbor/payments/" in page.text


def test_a_dispute_says_in_words_why_and_until_when(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        said = {"amount_cents": 120_50, "why": "fraudulent", "due": "2026-07-24"}
        open_task(session, "dispute.opened", "1:dp_1", AT, **said)
        open_task(session, "dispute.returned", "1:dp_2", AT, amount_cents=1_00, why="a code of tomorrow")
    seen = words(staff_visitor(app, agency, "accountant").get("/admin/attention"))
    assert "Why They say that they did not make this payment Answer by Jul 24, 2026" in seen
    assert "Why a code of tomorrow" in seen


def test_it_is_counted_until_it_is_done_and_then_stands_in_the_second_list(app: Flask, agency: Agency) -> None:
    accountant = staff_visitor(app, agency, "accountant")
    assert "Needs attention 2" in words(accountant.get("/admin/"))
    task = _task(app, agency, "payment.refund_due")
    address = f"/admin/attention/{task.id}/done"
    empty = accountant.post(address, "/admin/attention", note=" ")
    assert empty.status_code == 422
    assert "Say what was done." in words(empty)
    assert accountant.post(address, "/admin/attention", note="Refunded by hand").location == "/harbor/admin/attention"
    seen = words(accountant.get("/admin/attention"))
    assert "Marked as done." in seen
    assert "accountant@harbor.example, Jul 15, 2026, 8:00 AM EDT: Refunded by hand" in seen
    assert "Needs attention 1" in seen
    assert accountant.post(address, "/admin/attention", note="again").status_code == 409
    with reading(engine_of(app), agency.id) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "task.closed")).one()
    assert (entry.actor, entry.subject_id, entry.detail) == (
        "accountant@harbor.example",
        task.id,
        {"task": "payment.refund_due"},
    )


def test_a_matter_that_comes_back_is_open_again_without_its_old_note(app: Flask, agency: Agency) -> None:
    support = staff_visitor(app, agency, "support")
    task = _task(app, agency, "mail.refused")
    support.post(f"/admin/attention/{task.id}/done", "/admin/attention", note="Called her")
    with writing(engine_of(app), agency.id) as session:
        open_task(session, "mail.refused", task.ref, AT + timedelta(days=1), answer="550")
    again = _task(app, agency, "mail.refused")
    assert (again.closed_at, again.closed_by, again.note) == (None, None, None)


def test_money_takes_an_accountant_and_other_agencies_see_nothing(app: Flask, agency: Agency) -> None:
    juniper = make_agency(engine_of(app), "juniper")
    support = staff_visitor(app, agency, "support")
    task = _task(app, agency, "payment.refund_due")
    address = f"/admin/attention/{task.id}/done"
    assert "An accountant or admin of your agency can mark this as done." in words(support.get("/admin/attention"))
    assert support.post(address, "/admin/attention", note="Done").status_code == 403
    stranger = staff_visitor(app, juniper, "admin")
    assert "Nothing waits for you." in words(stranger.get("/admin/attention"))
    assert stranger.post(address, "/admin/attention", note="Done").status_code == 404
