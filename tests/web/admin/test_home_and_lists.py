"""The staff's start page with the agency's figures, and the lists of invoices and payments that they lead to."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from flask import Flask

from portal.agencies.models import Agency
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped, assert_no_open_unit, reading, writing
from portal.reports.staff_overview import Figure, Overview, overview
from tests.factories.payments import make_payment
from tests.factories.people import make_agency, make_insured, make_invoice, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 16, tzinfo=UTC)
TODAY = date(2026, 7, 15)
ZONE = "America/New_York"


def fill(session: Scoped, agency: Agency) -> None:
    """Some of everything: due, overdue of each age, under way, paid at several times, archived, a draft."""
    insured = make_insured(session, "ana@bakery.example")

    def owed(days: int, cents: int, **more: object) -> None:
        make_invoice(session, insured, due_date=TODAY + timedelta(days=days), total_cents=cents, **more)

    for days, cents in ((0, 1_00), (30, 2_00), (31, 4_00), (-1, 10_00), (-30, 20_00), (-31, 100_00), (-61, 1_000_00)):
        owed(days, cents)
    owed(-400, 10_000_00, number="INV-OLD")
    owed(-5, 77_00, state="void", open_cents=0)
    owed(-5, 88_00, state="draft")
    owed(-5, 99_00, kind="financed")
    held = make_invoice(session, insured, due_date=TODAY - timedelta(days=3), total_cents=300_00, number="INV-HELD")
    make_payment(session, held, state="processing", method_kind="us_bank_account")
    archived = make_program(session, insured, archived_at=AT)
    make_invoice(session, insured, archived, due_date=TODAY, total_cents=55_00)
    make_program(session, insured, is_draft=True)
    forced = make_program(session, insured)
    make_program(session, insured)
    for number, (moment, cents) in enumerate(
        (
            (datetime(2026, 7, 15, 4, 0, tzinfo=UTC), 40_00),  # midnight in New York
            (datetime(2026, 7, 15, 3, 59, tzinfo=UTC), 50_00),  # a minute before
            (datetime(2026, 7, 1, 4, 0, tzinfo=UTC), 60_00),
            (datetime(2026, 6, 30, 12, 0, tzinfo=UTC), 70_00),
            (datetime(2026, 5, 1, 12, 0, tzinfo=UTC), 80_00),
        )
    ):
        paid = make_invoice(session, insured, forced, total_cents=cents)
        more = {"fee_cents": 1_00} if number == 0 else {}
        make_payment(session, paid, reference=f"P-PAID-{number}", created_at=moment, succeeded_at=moment, **more)
    failed = make_invoice(session, insured, forced, due_date=TODAY, total_cents=9_00)
    make_payment(session, failed, reference="P-FAILED", state="failed", payer_name="=Bo", created_at=AT)
    open_task(session, "payout.failed", "po_2", AT, amount_cents=93_80, why="account_closed")
    open_task(session, "payout.failed", "po_3", AT, amount_cents=93_80, why="account_closed")


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    agency = make_agency(engine_of(app))
    with writing(engine_of(app), agency.id) as session:
        fill(session, agency)
    other = make_agency(engine_of(app), "juniper")
    with writing(engine_of(app), other.id) as session:
        fill(session, other)
    return agency


@pytest.fixture
def seen(app: Flask, agency: Agency) -> Overview:
    with reading(engine_of(app), agency.id) as session:
        return overview(session, TODAY, ZONE)


def test_what_was_collected_by_the_agencys_own_days(seen: Overview) -> None:
    assert seen.collected_today == Figure(1, 41_00)
    assert seen.collected_this_month == Figure(3, 151_00)
    by_day = {day: figure for day, figure in seen.collected if figure.count}
    assert by_day == {
        date(2026, 6, 30): Figure(1, 70_00),
        date(2026, 7, 1): Figure(1, 60_00),
        date(2026, 7, 14): Figure(1, 50_00),
        TODAY: Figure(1, 41_00),
    }
    assert len(seen.collected) == 31


def test_what_is_due_and_overdue_without_what_is_under_way(seen: Overview) -> None:
    assert seen.due_soon == Figure(3, 12_00)
    assert [age.figure for age in seen.ages] == [
        Figure(2, 30_00),
        Figure(1, 100_00),
        Figure(1, 1_000_00),
        Figure(1, 10_000_00),
    ]
    assert seen.overdue == Figure(5, 11_130_00)
    assert seen.under_way == Figure(1, 300_00)


def test_how_many_programs_go_by_themselves(seen: Overview) -> None:
    assert (seen.on_autopay, seen.programs, seen.drafts) == (0, 2, 1)


def test_the_start_page_says_so_and_leads_to_the_lists(app: Flask, agency: Agency) -> None:
    staff = staff_visitor(app, agency, "support")
    page = staff.get("/admin/")
    said = words(page)
    for part in (
        "Collected today $41.00 1 payment",
        "Collected this month $151.00 3 payments",
        "Under way $300.00 1 invoice",
        "Due in 30 days $12.00 3 invoices",
        "Overdue $11,130.00 5 invoices",
        "0 of 2 programs in force are on autopay (0 %)",
        "1 program is not complete yet",
    ):
        assert part in said
    assert open_and_count(staff, "show=overdue") == ("$11,130.00 open", "5 invoices")
    assert open_and_count(staff, "show=overdue&first=2026-06-15&last=2026-07-14") == ("$30.00 open", "2 invoices")
    assert open_and_count(staff, "show=due&last=2026-08-14") == ("$12.00 open", "3 invoices")
    assert open_and_count(staff, "show=processing") == ("$300.00 open", "1 invoice")
    for link in ("show=overdue&amp;first=2026-06-15&amp;last=2026-07-14", "first=2026-07-15&amp;last=2026-07-15"):
        assert link in page.text


def test_a_new_agency_is_told_that_there_is_nothing_yet(app: Flask) -> None:
    said = words(staff_visitor(app, make_agency(engine_of(app))).get("/admin/"))
    for part in (
        "Nothing waits for you.",
        "Nothing is overdue.",
        "Nothing was paid in the last 31 days.",
        "There is no program in force yet.",
    ):
        assert part in said


def open_and_count(staff: Visitor, query: str) -> tuple[str, str]:
    """What the list of invoices says on top of its lines."""
    said = words(staff.get(f"/admin/invoices?{query}"))
    head = said.split(" Insured Due Status", 1)[0].split()
    at = head.index("open")
    return " ".join(head[at - 1 : at + 1]), " ".join(head[at - 3 : at - 1])


def test_payments_by_what_came_of_them_and_when(app: Flask, agency: Agency) -> None:
    staff = staff_visitor(app, agency, "support")
    today = words(staff.get("/admin/payments?first=2026-07-15&last=2026-07-15"))
    assert "P-PAID-0" in today
    assert "of it $1.00 card fee" in today
    assert "P-PAID-1" not in today
    assert "P-FAILED" in words(staff.get("/admin/payments?show=failed"))
    assert "1 payment" in words(staff.get("/admin/payments?show=under_way&method=us_bank_account"))
    assert "No payment fits" in words(staff.get("/admin/payments?show=under_way&method=card"))


def test_pages_go_on_where_the_one_before_ended(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "bo@bakery.example")
        for number in range(120):
            make_invoice(
                session, insured, number=f"MANY-{number:03}", due_date=TODAY + timedelta(days=100 + number // 7)
            )
    staff = staff_visitor(app, agency, "support")
    for order in ("earliest", "latest"):
        url, shown = f"/admin/invoices?show=due&first=2026-10-01&order={order}", []
        while url:
            text = staff.get(url).text
            shown += [part[:8] for part in text.split("· ")[1:] if part.startswith("MANY")]
            next_page = re.search(r'href="([^"]+)">Next page', text)
            url = unescape(next_page[1]).removeprefix("/harbor") if next_page else ""
        wanted = [f"MANY-{number:03}" for number in range(120)]
        assert shown == (wanted if order == "earliest" else wanted[::-1])


def test_what_no_filter_can_be_is_said_and_stays(app: Flask, agency: Agency) -> None:
    staff = staff_visitor(app, agency, "support")
    answer = staff.get("/admin/invoices?show=nonsense&first=soon")
    assert answer.status_code == 422
    assert 'value="soon"' in answer.text
    assert staff.get("/admin/payments?first=soon").status_code == 422
    assert staff.get("/admin/invoices?after=2026-13-01.x").status_code == 200


def test_spreadsheets_hold_all_that_fits_and_no_formula(app: Flask, agency: Agency) -> None:
    accountant = staff_visitor(app, agency, "accountant")
    answer = accountant.get("/admin/invoices.csv?show=overdue")
    assert_no_open_unit()  # though nothing of the file has been taken yet
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["open"] for row in rows] == ["10000.00", "1000.00", "100.00", "20.00", "10.00"]
    assert rows[0]["number"] == "INV-OLD"
    assert answer.headers["Content-Disposition"].endswith("filename=invoices-harbor-2026-07-15.csv")
    failed = list(csv.DictReader(io.StringIO(accountant.get("/admin/payments.csv?show=failed").text)))
    assert [(row["reference"], row["payer"], row["day"]) for row in failed] == [("P-FAILED", "'=Bo", "2026-07-15")]
    assert staff_visitor(app, agency, "support").get("/admin/payments.csv").status_code == 403
    assert "Download as CSV" not in words(staff_visitor(app, agency, "support").get("/admin/payments"))
