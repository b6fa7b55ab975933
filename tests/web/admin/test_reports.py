"""The reports: their totals are the books', their pages and files hold the same rows, nobody else reads them."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import insert, select

from portal.agencies.models import Agency
from portal.core.audit import SYSTEM
from portal.core.tenancy import reading, writing
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.payments.claims import Payer
from portal.payments.models import Payment
from portal.payments.offline import Received, record_offline
from portal.reports.staff_report_list import REPORTS, aging_buckets, payments_in_books
from portal.reports.staff_reports import Span, report_page
from tests.factories.people import make_agency, make_insured
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
DAY = date(2026, 7, 15)
PAYER = Payer("insured", "Ana", "", "en_US")
NEXT = re.compile(r'href="([^"]*before=[^"]*)"')
JULY = Span(date(2026, 7, 1), date(2026, 7, 31), "America/New_York")


@pytest.fixture
def agency(app: Flask) -> Agency:
    """Two invoices of July, one paid by wire and one by half; and one of June."""
    set_clock(app, AT)
    agency = make_agency(engine_of(app))
    for day, cents in (date(2026, 6, 20), 75_00), (DAY, 400_00), (DAY, 300_00):
        with writing(engine_of(app), agency.id) as session:
            insured = make_insured(session, f"{cents}@bakery.example", name="=Bakery")
            lines = [LineDraft("premium", "Premium", cents - 10_00), LineDraft("policy_fee", "Fee", 10_00)]
            at = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
            invoice = issue_invoice(session, InvoiceDraft(insured.id, "one_time", lines, day, day), at)
            paid = 150_00 if cents == 300_00 else cents
            record_offline(
                session,
                Received(
                    f"key-{cents}", "wire", "W-1", day, paid, {invoice.id: cents}, Payer("insured", "Ana", "", "en_US")
                ),
                agency.time_zone,
                SYSTEM,
                at,
            )
    return agency


def rows_of(visitor: Visitor, key: str, query: str = "") -> list[list[str]]:
    file = visitor.get(f"/admin/reports/{key}.csv{query}")
    assert file.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(file.text)))


def test_payments_come_to_what_the_books_took_in(app: Flask, agency: Agency) -> None:
    accountant = staff_visitor(app, agency, "accountant")
    page = words(accountant.get("/admin/reports/payments"))
    assert "Charged $550.00" in page
    assert "The books took in the same." in page
    for span, cents in (
        (JULY, 550_00),
        (Span(None, None, JULY.zone), 625_00),
        (JULY._replace(last=date(2026, 7, 14)), 0),
    ):
        with reading(engine_of(app), agency.id) as session:
            payments = next(report for report in REPORTS if report.key == "payments")
            assert report_page(session, payments, span).totals["charged"] == payments_in_books(session, span) == cents
    header, *rows = rows_of(accountant, "payments", "?first=2026-06-01&last=2026-07-31")
    assert header[0] == "reference"
    assert [row[-1] for row in rows] == ["75.00", "400.00", "150.00"]


def test_what_is_open_by_age_and_cells_are_safe(app: Flask, agency: Agency) -> None:
    accountant = staff_visitor(app, agency, "accountant")
    assert rows_of(accountant, "aging")[1][1:] == ["'=Bakery", "2026-07-15", "150.00"]
    with reading(engine_of(app), agency.id) as session:
        for days, place in (0, 0), (1, 1), (30, 1), (31, 2), (90, 3), (91, 4):
            buckets = aging_buckets(session, Span(None, None, JULY.zone), DAY + timedelta(days=days))
            assert [cents for _, cents in buckets].index(150_00) == place, days


def test_every_report_has_a_page_and_a_file(app: Flask, agency: Agency) -> None:
    accountant = staff_visitor(app, agency, "accountant")
    start = words(accountant.get("/admin/reports"))
    for report in REPORTS:
        assert str(report.words.message) in start
        assert accountant.get(f"/admin/reports/{report.key}").status_code == 200, report.key
        assert rows_of(accountant, report.key)[0] == [column.name for column in report.columns]
    assert "Amount $20.00" in words(accountant.get("/admin/reports/fees"))
    assert "Total $700.00" in words(accountant.get("/admin/reports/invoices"))
    assert "Nothing in these days" in words(accountant.get("/admin/reports/refunds"))
    wrong = accountant.get("/admin/reports/payments?first=2026-07-31&last=2026-07-01")
    assert wrong.status_code == 422
    assert "The period ends before it begins." in words(wrong)
    assert accountant.get("/admin/reports/nothing").status_code == 404


def test_pages_follow_each_other(app: Flask, agency: Agency) -> None:
    with reading(engine_of(app), agency.id) as session:
        payment = session.scalars(select(Payment).limit(1)).one()
        values = {
            column.key: getattr(payment, column.key) for column in Payment.__table__.columns if column.key != "id"
        }
    unique = ("token", "reference", "request_key")
    with writing(engine_of(app), agency.id) as session:
        session.execute(
            insert(Payment),
            [values | {name: f"{name}-{n}" for name in unique} | {"succeeded_at": AT} for n in range(60)],
        )
    accountant = staff_visitor(app, agency, "accountant")
    first = accountant.get("/admin/reports/payments")
    assert first.text.count("reference-") == 50
    assert "Rows 62" in words(first)
    older = unescape(NEXT.findall(first.text)[0])
    second = accountant.get(older.removeprefix("/harbor"))
    assert second.text.count("reference-") == 10
    assert "Rows 62" in words(second)


def test_producers_and_other_agencies_see_nothing(app: Flask, agency: Agency) -> None:
    oak = make_agency(engine_of(app), "oak")
    assert staff_visitor(app, agency, "producer").get("/admin/reports").status_code == 403
    other = staff_visitor(app, oak, "accountant")
    assert "Nothing in these days" in words(other.get("/admin/reports/payments"))
