"""One-time payments are asked for once, changed while nothing is paid, and canceled; the books hold throughout."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from portal.agencies.models import Agency
from portal.cli.verify_ledger import ALL
from portal.core.audit import Actor, AuditEntry
from portal.core.errors import Conflict, NotFound
from portal.core.invariants import check
from portal.core.tenancy import Scoped, writing
from portal.invoices.issue import LineDraft
from portal.invoices.models import Invoice
from portal.invoices.settle import settle_opening
from portal.payments.payable import payable_invoices
from portal.programs.links import current_links
from portal.servicing.one_time import OneTimeDraft, ask_for, payments_of, plan_of_request
from portal.servicing.one_time_changes import OneTimeChange, cancel_one_time, change_one_time
from portal.servicing.one_time_schedule import schedule
from portal.servicing.reminders.sequences import live_link, start_link
from portal.servicing.reminders.still_due import Account
from tests.factories.people import (
    BEGINNING,
    make_agency,
    make_insured,
    make_invoice,
    make_payment_under_way,
    make_program,
)

STAFF = Actor("staff", "ada@harbor.example")
TODAY = date(2026, 7, 1)
LATER = BEGINNING + timedelta(hours=1)
SURVEY = (LineDraft("item", "Loss survey", 600_00), LineDraft("tax", "Taxes", 49_50))


@pytest.fixture
def agency(engine: Engine) -> Agency:
    return make_agency(engine)


def ask(session: Scoped, payments: int = 1, key: str = "form-1", email: str = "ana@bakery.example") -> list[Invoice]:
    insured = make_insured(session, email) if email else make_insured(session)
    draft = OneTimeDraft(insured.id, "Loss survey", schedule(SURVEY, date(2026, 8, 1), payments, "month", TODAY))
    return ask_for(session, draft, key, STAFF, TODAY, BEGINNING)


def change(session: Scoped, invoice: Invoice, at: datetime = LATER, **new: Any) -> Invoice:
    seen = invoice.touched_at.isoformat()
    values = {"description": "Loss survey", "lines": SURVEY, "due_date": invoice.due_date, "contact_email": None}
    return change_one_time(session, invoice.id, seen, OneTimeChange(**(values | new)), STAFF, TODAY, at)


def sound(session: Scoped) -> bool:
    return check(session, ALL) == []


def test_several_come_to_the_same_total_each_with_its_link(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        invoices = ask(session, 4)
        assert [invoice.total_cents for invoice in invoices] == [162_38, 162_38, 162_37, 162_37]
        assert [invoice.description for invoice in invoices][::3] == ["Loss survey (1 of 4)", "Loss survey (4 of 4)"]
        assert len(current_links(session, invoice_ids=[invoice.id for invoice in invoices])) == 4
        assert sound(session)


def test_a_form_that_is_sent_twice_asks_once(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        first = ask(session, 2)
        assert [each.id for each in ask(session, 2)] == [each.id for each in first]
        assert len(session.scalars(select(Invoice.id)).all()) == 2


def test_words_and_days_change_in_place(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        first, second = ask(session, 2)
        lines = tuple(LineDraft(line.kind, line.label, line.amount_cents // 2) for line in SURVEY)
        changed = change(session, second, description="Fire survey", lines=lines, due_date=date(2026, 9, 15))
        assert (changed.id, changed.description) == (second.id, "Fire survey (2 of 2)")
        assert (changed.due_date, changed.total_cents) == (date(2026, 9, 15), 324_75)
        assert first.due_date == date(2026, 8, 1)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "invoice.changed")).one()
        assert entry.detail["due_date"] == ["2026-09-01", "2026-09-15"]
        assert sound(session)


def test_another_amount_is_another_invoice_behind_the_same_link(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        old, _ = ask(session, 2)
        link = current_links(session, invoice_ids=[old.id])[0]
        start_link(session, Account(None, old.id), STAFF, TODAY, BEGINNING)
        new = change(session, old, lines=(LineDraft("item", "Loss survey", 700_00),))
        assert (old.state, old.open_cents) == ("void", 0)
        assert (new.total_cents, new.description) == (700_00, "Loss survey (1 of 2)")
        assert current_links(session, invoice_ids=[new.id])[0].token == link.token
        assert live_link(session, Account(None, old.id)) is None
        assert live_link(session, Account(None, new.id)) is not None
        plan = plan_of_request(session, "form-1")
        assert plan is not None
        assert payments_of(session, plan.id)[0].id == new.id
        assert sound(session)


def test_the_second_of_two_people_is_told(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        [invoice] = ask(session)
        seen = invoice.touched_at.isoformat()
        change(session, invoice, due_date=date(2026, 9, 1))
        new = OneTimeChange("Loss survey", SURVEY, date(2026, 10, 1), None)
        with pytest.raises(Conflict, match="has changed since"):
            change_one_time(session, invoice.id, seen, new, STAFF, TODAY, LATER)
        assert invoice.due_date == date(2026, 9, 1)


def test_what_is_paid_or_being_paid_stays(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        paid, partly, held, canceled = ask(session, 4)
        settle_opening(session, [(paid, paid.open_cents), (partly, 1_00)], TODAY, BEGINNING)
        make_payment_under_way(session, held)
        cancel_one_time(session, [canceled.id], "Asked twice", STAFF, TODAY, LATER)
        for invoice, why in ((paid, "was paid"), (partly, "was paid"), (held, "under way"), (canceled, "canceled")):
            with pytest.raises(Conflict, match=why):
                change(session, invoice, due_date=date(2026, 12, 1))
            with pytest.raises(Conflict, match=why):
                cancel_one_time(session, [invoice.id], "Asked twice", STAFF, TODAY, LATER)


def test_the_rest_of_a_plan_is_canceled_whole_or_not_at_all(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        first, *rest = ask(session, 3)
        settle_opening(session, [(first, first.open_cents)], TODAY, BEGINNING)
        start_link(session, Account(None, rest[0].id), STAFF, TODAY, BEGINNING)
        with pytest.raises(Conflict):
            cancel_one_time(session, [first.id, *(each.id for each in rest)], "Sold", STAFF, TODAY, LATER)
        assert [each.state for each in rest] == ["open", "open"]
        cancel_one_time(session, [each.id for each in rest], "Sold", STAFF, TODAY, LATER)
        assert [each.state for each in (first, *rest)] == ["paid", "void", "void"]
        assert live_link(session, Account(None, rest[0].id)) is None
        assert payable_invoices(session, Invoice.insured_id == first.insured_id) == []
        assert sound(session)


def test_a_programs_invoice_is_none(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session)
        invoice = make_invoice(session, insured, make_program(session, insured))
        with pytest.raises(NotFound):
            change(session, invoice)
        with pytest.raises(NotFound):
            cancel_one_time(session, [invoice.id], "No", STAFF, TODAY, LATER)
