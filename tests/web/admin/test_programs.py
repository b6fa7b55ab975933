"""The list of programs: found, filtered, ordered, read a page at a time; and many taken at once."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.audit import AuditEntry
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from portal.programs.models import Program
from portal.reports import staff_programs
from tests.factories.people import (
    make_agency,
    make_insured,
    make_invoice,
    make_payment_under_way,
    make_policy,
    make_program,
)
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 16, tzinfo=UTC)
TODAY = date(2026, 7, 15)


@pytest.fixture
def agency(app: Flask) -> Agency:
    """Programs named after how they stand."""
    set_clock(app, AT)
    agency = make_agency(engine_of(app))
    with writing(engine_of(app), agency.id) as session:
        for number, (name, days, invoice) in enumerate(
            (
                ("Due", 10, {}),
                ("Overdue", -5, {"open_cents": 40_000}),
                ("Active", 200, {"state": "paid", "open_cents": 0}),
                ("Held", 3, {}),
            )
        ):
            insured = make_insured(session, f"{name.lower()}@work.example", name=f"{name} Company")
            due = TODAY + timedelta(days=days)
            more = {"billing_type": "agency_bill", "producer": "Nadia Brandt"} if name == "Active" else {}
            program = make_program(session, insured, reference=f"R-{number}", due_date=due, **more)
            make_policy(session, program, f"POL {number}", expiration_date=TODAY + timedelta(days=20 + 100 * number))
            made = make_invoice(session, insured, program, due_date=due, **invoice)
            if name == "Held":
                make_payment_under_way(session, made)
        silent = make_insured(session, name="Silent Company")
        make_invoice(session, silent, make_policy_of(session, make_program(session, silent, reference="R-7")))
        old = make_program(session, silent, reference="R-8", archived_at=AT, name="Old package")
        make_policy(session, old, "POL 8")
    return agency


def make_policy_of(session, program: Program) -> Program:
    make_policy(session, program, "POL 7")
    return program


@pytest.fixture
def accountant(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "accountant")


def ids(app: Flask, agency: Agency, *references: str) -> list[int]:
    with reading(engine_of(app), agency.id) as session:
        found = session.execute(select(Program.reference, Program.id)).all()
    return [dict(found)[reference] for reference in references]


def listed(staff: Visitor, query: str) -> list[str]:
    """The references on the page, in their order."""
    page = staff.get(f"/admin/programs?{query}")
    assert page.status_code == 200, page.text
    said = words(page)
    return sorted((f"R-{n}" for n in range(9) if f"· R-{n}" in said), key=lambda ref: said.index(f"· {ref}"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["R-7", "R-3", "R-2", "R-1", "R-0"]),
        ("status=all", ["R-8", "R-7", "R-3", "R-2", "R-1", "R-0"]),
        ("status=archived", ["R-8"]),
        ("status=overdue", ["R-1"]),
        ("status=processing", ["R-3"]),
        ("status=payment_due&order=earliest", ["R-0", "R-7"]),
        ("billing=agency_bill", ["R-2"]),
        ("person=nadia", ["R-2"]),
        ("person=rand", []),
        ("ends=30", ["R-0"]),
        ("ends=90", ["R-0"]),
        ("first=2026-07-16&last=2026-07-31&order=latest", ["R-0", "R-3"]),
        ("order=insured", ["R-2", "R-0", "R-3", "R-1", "R-7"]),
        ("q=silent", ["R-8", "R-7"]),
        ("q=company&status=overdue", ["R-1"]),
    ],
)
def test_filters_stand_in_the_address(accountant: Visitor, query: str, found: list[str]) -> None:
    assert listed(accountant, query) == found


def test_a_wrong_day_is_said_and_what_was_typed_stays(accountant: Visitor) -> None:
    page = accountant.get("/admin/programs?first=tomorrow&person=Nadia")
    assert page.status_code == 422
    assert 'value="tomorrow"' in page.text
    assert 'value="Nadia"' in page.text


@pytest.mark.parametrize("order", ["newest", "earliest", "latest", "insured"])
def test_the_list_is_read_a_page_at_a_time(accountant: Visitor, monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    whole = listed(accountant, f"status=all&order={order}")
    monkeypatch.setattr(staff_programs, "PAGE", 2)
    seen, address = [], f"status=all&order={order}"
    while address:
        page = accountant.get(f"/admin/programs?{address}")
        seen += listed(accountant, address)
        links = [part.split('"')[0].replace("&amp;", "&") for part in page.text.split('href="/harbor/admin/programs?')]
        address = next((link for link in links if "after=" in link), "")
    assert seen == whole


def test_a_mark_that_is_none_begins_anew(accountant: Visitor) -> None:
    assert len(listed(accountant, "order=earliest&after=7.soon")) == 5


def test_a_preview_says_who_is_reminded_and_who_is_not(app: Flask, agency: Agency, accountant: Visitor) -> None:
    chosen = ids(app, agency, "R-0", "R-1", "R-2", "R-3", "R-7")
    page = accountant.post("/admin/programs/remind", "/admin/programs", program=chosen)
    said = words(page)
    assert "With 2 programs" in said
    assert "Send the reminders (2)" in said
    assert "Left out: 3 programs" in said
    assert "R-7 · There is no e-mail address that works." in said
    assert "R-2 · A partner pays this, so the customer is not asked." in said
    with reading(engine_of(app), agency.id) as session:
        assert not session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.reminder")).all()


def test_many_are_reminded_once(app: Flask, agency: Agency, accountant: Visitor) -> None:
    chosen = ids(app, agency, "R-0", "R-1")
    done = accountant.post("/admin/programs/remind", "/admin/programs", program=chosen, sure="1", filters="status=all")
    assert done.location == "/harbor/admin/programs?status=all"
    assert "Reminders are on their way: 2." in words(accountant.get("/admin/programs"))
    again = accountant.post("/admin/programs/remind", "/admin/programs", program=chosen)
    assert "A reminder was sent by hand today already." in words(again)
    assert accountant.post("/admin/programs/remind", "/admin/programs", program=chosen, sure="1").status_code == 303
    assert "Left out, since something has changed meanwhile: 2." in words(accountant.get("/admin/programs"))
    with reading(engine_of(app), agency.id) as session:
        assert len(session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.reminder")).all()) == 2


def test_many_are_archived_and_each_stands_in_the_audit(app: Flask, agency: Agency, accountant: Visitor) -> None:
    preview = accountant.post("/admin/programs/archive", "/admin/programs", all="1", filters="status=payment_due")
    assert "Archive them (2)" in words(preview)
    chosen = ids(app, agency, "R-0", "R-7", "R-2")
    accountant.post("/admin/programs/archive", "/admin/programs", program=chosen, sure="1")
    said = words(accountant.get("/admin/programs?status=archived"))
    assert "Programs archived: 2." in said
    assert "Left out, since something has changed meanwhile: 1." in said
    with reading(engine_of(app), agency.id) as session:
        lines = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "program.archived")).all()
    assert len(lines) == 2


def test_what_is_exported_is_counted_first(app: Flask, agency: Agency, accountant: Visitor) -> None:
    page = accountant.post("/admin/programs/export", "/admin/programs", all="1", filters="order=earliest")
    assert "5 programs" in words(page)
    file = accountant.post("/admin/programs/export", "/admin/programs", all="1", filters="order=earliest", sure="1")
    rows = list(csv.DictReader(io.StringIO(file.get_data(as_text=True).lstrip("\ufeff"))))
    assert [row["reference"] for row in rows] == ["R-1", "R-3", "R-0", "R-7", "R-2"]
    assert rows[0] == {
        "reference": "R-1", "program": "2026 package", "insured": "Overdue Company", "status": "overdue",
        "due_date": "2026-07-10", "open": "400.00", "billing_type": "direct_bill", "producer": "",
        "account_manager": "",
    }  # fmt: skip


@pytest.mark.parametrize("what", ["remind", "archive", "export"])
def test_nothing_chosen_and_things_of_others_are_nothing(app: Flask, accountant: Visitor, what: str) -> None:
    other = make_agency(engine_of(app), "juniper")
    with writing(engine_of(app), other.id) as session:
        foreign = make_program(session, make_insured(session, name="Foreign Company")).id
    accountant.post(f"/admin/programs/{what}", "/admin/programs", filters="_scheme=ftp&_external=1")
    assert "Choose at least one program first." in words(accountant.get("/admin/programs"))
    seen = accountant.post(f"/admin/programs/{what}", "/admin/programs", program=[foreign])
    assert "Foreign Company" not in seen.text


def test_too_many_at_once_are_refused(accountant: Visitor) -> None:
    accountant.post("/admin/programs/archive", "/admin/programs", program=list(range(1, 202)))
    assert "At most 200 programs are taken at once." in words(accountant.get("/admin/programs"))


def test_support_staff_look_and_change_nothing(app: Flask, agency: Agency) -> None:
    support = staff_visitor(app, agency, "support")
    assert "Remind…" not in support.get("/admin/programs").text
    for what in ("remind", "archive", "export"):
        assert support.post(f"/admin/programs/{what}", "/admin/programs").status_code == 403
