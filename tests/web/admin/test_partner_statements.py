"""Statements of partners as staff read them, and the page on which an agency says when they are drawn and mailed."""

import csv
import io

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.core.audit import AuditEntry
from portal.statements.settings import PartnerRules, partner_rules
from tests.factories.staff import staff_visitor
from tests.statements.partners_year import draw_statements
from tests.statements.shop import Shop, open_shop
from tests.web.visitor import Visitor, engine_of, services_of, set_clock, words

RULES = {"claws_back": "y", "statement_day": "1", "mails_statements": "y", "overdue_weekday": "0"}


@pytest.fixture
def shop(app: Flask) -> Shop:
    """Two partners; one owes $630.00 at the end of January."""
    shop = open_shop(engine_of(app))
    billed = shop.program(shop.partner("Brightwater Retail LLC", bills_direct=False), 1_000_00, None, "agency_bill")
    shop.partner("=Cedar Brokers")
    shop.wait(days=20)
    shop.pay(billed, 460_00)
    shop.wait(days=20)
    draw_statements(shop)
    set_clock(app, shop.now)
    services_of(app).directory.forget()
    return shop


@pytest.fixture
def accountant(app: Flask, shop: Shop) -> Visitor:
    return staff_visitor(app, shop.agency, "accountant")


def test_page_paper_and_file_say_the_same(accountant: Visitor) -> None:
    listed = accountant.get("/admin/partner-statements")
    assert "Brightwater Retail LLC Up to Jan 31, 2026 $630.00" in words(listed)
    assert 'href="/harbor/admin/partner-statements/1"' in listed.text
    page = accountant.get("/admin/partner-statements/1")
    assert "Brightwater Retail LLC up to Jan 31, 2026" in words(page)
    paper = accountant.get("/admin/partner-statements/1.pdf")
    assert paper.mimetype == "application/pdf"
    written = "".join(each.extract_text() for each in PdfReader(io.BytesIO(paper.data)).pages)
    sheet = accountant.get("/admin/partner-statements/1.csv")
    assert "statement-1-2026-01.csv" in sheet.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(sheet.text)))
    assert rows[0]["what"] == "Opening balance"
    for amount in "1,090.00", "460.00", "630.00":
        assert amount in words(page) and amount in written, amount
        assert amount.replace(",", "") in sheet.text, amount
    assert accountant.get("/admin/partner-statements/1.pdf").data == paper.data, "the same, whenever it is asked for"


def test_who_may_read_them(app: Flask, shop: Shop, accountant: Visitor) -> None:
    producer = staff_visitor(app, shop.agency, "producer")
    for address in "", "/1", "/1.pdf", "/1.csv":
        assert producer.get(f"/admin/partner-statements{address}").status_code == 403, address
    for nothing in "98765432", "9" * 30:
        assert accountant.get(f"/admin/partner-statements/{nothing}").status_code == 404, nothing
        assert accountant.get(f"/admin/partner-statements?before={nothing}").status_code == 200, nothing
    assert "No statements yet" in words(accountant.get("/admin/partner-statements?before=1"))


def test_the_agency_sets_the_days_and_it_is_audited(app: Flask, shop: Shop, accountant: Visitor) -> None:
    page = "/admin/partner-rules"
    assert staff_visitor(app, shop.agency, "producer").get(page).status_code == 403
    opened = accountant.get(page)
    assert 'name="statement_day" type="text" value="1"' in opened.text
    assert '<option selected value="0">Mondays' in opened.text or 'value="0" selected>Mondays' in opened.text
    new = {"statement_day": "15", "mails_statements": "y", "overdue_weekday": "never"}
    assert accountant.post(page, page, **new).location == f"/harbor{page}"
    assert "Saved." in words(accountant.get(page))
    with shop.reading() as session:
        assert partner_rules(session) == PartnerRules(False, 15, True, None)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "partner_rules.set")).one()
        assert entry.detail == {
            "claws_back": "True → False",
            "statement_day": "1 → 15",
            "overdue_weekday": "0 → None",
        }
    accountant.post(page, page, **new)
    with shop.reading() as session:
        changes = select(AuditEntry.id).where(AuditEntry.action == "partner_rules.set")
        assert len(session.scalars(changes).all()) == 1, "nothing has changed"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"statement_day": "29"}, "Choose a day between 1 and 28."),
        ({"statement_day": "0"}, "Choose a day between 1 and 28."),
        ({"statement_day": ""}, "Enter a day."),
        ({"statement_day": "first"}, "Choose a day between 1 and 28."),
        ({"overdue_weekday": "6"}, "Not a valid choice"),
    ],
)
def test_what_is_no_day_is_said_and_nothing_is_stored(
    shop: Shop, accountant: Visitor, wrong: dict[str, str], why: str
) -> None:
    answer = accountant.post("/admin/partner-rules", "/admin/partner-rules", **(RULES | wrong))
    assert (answer.status_code, why in words(answer)) == (422, True), words(answer)
    with shop.reading() as session:
        assert partner_rules(session) == PartnerRules()
