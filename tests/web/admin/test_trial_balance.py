"""The page of the trial balance, and its CSV."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from portal.agencies.models import Agency
from portal.core.tenancy import writing
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from tests.factories.people import make_agency, make_insured
from tests.factories.staff import staff_visitor
from tests.web.visitor import engine_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
DAY = date(2026, 7, 10)


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    agency = make_agency(engine_of(app))
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        lines = [LineDraft("premium", "Premium", 390_00, 50_00), LineDraft("policy_fee", "Fee", 10_00)]
        issue_invoice(session, InvoiceDraft(insured.id, "one_time", lines, DAY, DAY), AT)
    return agency


def test_an_accountant_reads_this_month_and_takes_it_along(app: Flask, agency: Agency) -> None:
    accountant = staff_visitor(app, agency, "accountant")
    page = accountant.get("/admin/trial-balance")
    assert "Owed by customers $400.00 $400.00" in words(page)
    assert "Total $0.00 $0.00 $400.00 $400.00 $400.00 $400.00" in words(page)
    assert "do not balance" not in words(page)
    file = accountant.get("/admin/trial-balance.csv?first=2026-07-01&last=2026-07-15")
    assert file.mimetype == "text/csv"
    assert "trial-balance-harbor-2026-07-01-2026-07-15.csv" in file.headers["Content-Disposition"]
    assert "receivable,0.00,0.00,400.00,0.00,400.00,0.00" in file.text
    assert "Nothing to show." in words(accountant.get("/admin/trial-balance?first=2026-06-01&last=2026-06-30"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("first=2026-07-31&last=2026-07-01", "The period ends before it begins."),
        ("first=yesterday&last=2026-07-01", "Not a valid date value."),
        ("first=&last=2026-07-01", "Enter a day."),
    ],
)
def test_what_is_no_period_is_said(app: Flask, agency: Agency, query: str, said: str) -> None:
    accountant = staff_visitor(app, agency, "accountant")
    for path in ("/admin/trial-balance", "/admin/trial-balance.csv"):
        answer = accountant.get(f"{path}?{query}")
        assert answer.status_code == 422
        assert said in words(answer)


def test_producers_and_other_agencies_do_not_see_it(app: Flask, agency: Agency) -> None:
    juniper = make_agency(engine_of(app), "juniper")
    producer, other = staff_visitor(app, agency, "producer"), staff_visitor(app, juniper, "accountant")
    assert producer.get("/admin/trial-balance").status_code == 403
    assert producer.get("/admin/trial-balance.csv").status_code == 403
    assert "Nothing to show." in words(other.get("/admin/trial-balance"))
