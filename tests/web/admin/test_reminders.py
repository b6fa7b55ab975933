"""Accountants set when customers are reminded, and see who would get what."""

import csv
import io
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.agencies.reminder_settings import Reminding, Step, reminding_of
from portal.core.audit import AuditEntry
from portal.core.tenancy import reading, writing
from portal.web.admin.reminder_forms import typed
from tests.factories.payments import make_link
from tests.factories.people import BEGINNING, make_agency, make_insured, make_invoice, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, words

USUAL = typed(Reminding())


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app))


@pytest.fixture
def accountant(app: Flask, agency: Agency) -> Visitor:
    set_clock(app, BEGINNING)
    return staff_visitor(app, agency, "accountant")


def stored(app: Flask, agency: Agency) -> Reminding:
    with reading(engine_of(app), agency.id) as session:
        return reminding_of(session)


def test_steps_and_the_hour_are_set_with_an_audit_line(app: Flask, agency: Agency, accountant: Visitor) -> None:
    page = accountant.get("/admin/reminders")
    assert 'name="before_0_days" type="text"' in page.text
    assert 'value="20"' in page.text
    wished = {**USUAL, "hour": "8", "before_0_days": " 30 "}
    del wished["before_5_on"]
    assert accountant.post("/admin/reminders", **wished).location == "/harbor/admin/reminders"
    found = stored(app, agency)
    assert (found.hour, found.days_before, found.days_after) == (8, (30, 7, 3, 2, 1), (1, 5, 10))
    assert found.before[5] == Step(0, False)
    assert found.changed_on == date(2026, 7, 1)
    with reading(engine_of(app), agency.id) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "reminders.set")).one()
    assert entry.detail == {"hour": "9:00 → 8:00", "days_before": "20, 7, 3, 2, 1, 0 → 30, 7, 3, 2, 1"}
    accountant.post("/admin/reminders", **wished)
    with reading(engine_of(app), agency.id) as session:
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "reminders.set")).all()) == 1


@pytest.mark.parametrize(
    ("field", "raw", "said"),
    [
        ("before_1_days", "x", "between 0 and 60"),
        ("before_1_days", "61", "between 0 and 60"),
        ("before_1_days", "20", "on this day already"),
        ("after_0_days", "0", "between 1 and 60"),
        ("link_0_days", "31", "between 1 and 30"),
        ("hour", "3", "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_named_and_what_was_typed_stays(
    app: Flask, agency: Agency, accountant: Visitor, field: str, raw: str, said: str
) -> None:
    answer = accountant.post("/admin/reminders", **{**USUAL, "before_2_days": "4", field: raw})
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="4"' in answer.text
    assert stored(app, agency) == Reminding()


def test_two_steps_on_one_day_are_fine_if_one_is_off(app: Flask, agency: Agency, accountant: Visitor) -> None:
    wished = {**USUAL, "before_1_days": "20"}
    del wished["before_1_on"]
    accountant.post("/admin/reminders", **wished)
    assert stored(app, agency).days_before == (20, 3, 2, 1, 0)


def test_who_gets_what_is_a_list_a_csv_and_each_mail(app: Flask, agency: Agency, accountant: Visitor) -> None:
    with writing(engine_of(app), agency.id) as session:
        ana = make_insured(session, "ana@bakery.example", locale="es_US")
        program = make_program(session, ana, name="Bakery package")
        invoice = make_invoice(session, ana, program, due_date=date(2026, 7, 4))
        make_link(session, program)
        nobody = make_insured(session, name="Silent Partner LLC")
        alone = make_invoice(session, nobody, due_date=date(2026, 7, 2), description="=survey")
    page = accountant.get("/admin/reminders/preview")
    assert "2 on Jul 2, 2026" in words(page)
    assert "Riverside Bakery LLC Bakery package Reminder, 2 days before See the mail" in words(page)
    assert "Reminder on the due date" in words(page)
    assert "No e-mail" in words(page)
    assert f"/admin/one-time/{alone.id}" in page.text
    rows = list(csv.reader(io.StringIO(accountant.get("/admin/reminders/preview.csv").text)))
    assert rows[1] == [
        *("2026-07-02", "Reminder, 2 days before", "Riverside Bakery LLC", "Bakery package"),
        *(invoice.number, "1000.00", "ana@bakery.example"),
    ]
    assert rows[2][3] == "'=survey"
    mail = words(accountant.get(f"/admin/programs/{program.id}/reminders/preview?day=2026-07-02&invoice={invoice.id}"))
    assert "ana@bakery.example" in mail
    assert "Un pago vence en 2 días" in mail
    assert "Nothing on Jul 20, 2026" in words(accountant.get("/admin/reminders/preview?day=2026-07-20"))


@pytest.mark.parametrize(
    ("day", "said"),
    [("2026-06-30", "today, tomorrow or a later"), ("2028-01-01", "within the next year"), ("x", "Not a valid date")],
)
def test_a_day_that_cannot_be_shown_is_said(accountant: Visitor, day: str, said: str) -> None:
    for path in ("/admin/reminders/preview", "/admin/reminders/preview.csv"):
        answer = accountant.get(f"{path}?day={day}")
        assert answer.status_code == 422
        assert said in words(answer)


def test_a_mail_of_nothing_says_so(accountant: Visitor, app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        program = make_program(session, make_insured(session))
    page = f"/admin/programs/{program.id}/reminders/preview"
    assert "What it asked for was paid" in words(accountant.get(page))
    assert accountant.get(f"{page}?day=2020-01-01").status_code == 422
    assert accountant.get("/admin/programs/98765/reminders/preview").status_code == 404


def test_producers_see_neither(app: Flask, agency: Agency) -> None:
    producer = staff_visitor(app, agency, "producer")
    for path in ("/admin/reminders", "/admin/reminders/preview", "/admin/reminders/preview.csv"):
        assert producer.get(path).status_code == 403
