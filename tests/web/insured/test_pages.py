"""What an insured sees after sign-in, over HTTP."""

import io
import re
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from pypdf import PdfReader
from werkzeug.test import TestResponse

from portal.agencies.models import Agency
from portal.core.tenancy import writing
from portal.programs.models import Program
from tests.factories.payments import make_line, make_link, make_payment
from tests.factories.people import make_agency, make_insured, make_invoice, make_policy, make_program
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
ANA, CANARY = "ana@bakery.example", "Canary Seed Imports"
MOST_BYTES = 25_000


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app), address_line1="1 Quay St", city="Boston", state="MA", postal_code="02110")


@pytest.fixture
def ana(app: Flask, agency: Agency) -> Visitor:
    """Ana, who has signed in; in the agency there is another insured, of whom she must never see anything."""
    with writing(engine_of(app), agency.id) as session:
        make_insured(session, ANA)
        other = make_insured(session, "canary@else.example", name=CANARY)
        program = make_program(session, other, name=f"{CANARY} package")
        make_policy(session, program, "CANARY-1")
        make_line(session, make_invoice(session, other, program), f"{CANARY} premium")
    visitor = Visitor(app, agency)
    visitor.sign_in(ANA)
    return visitor


def add_program(app: Flask, agency: Agency, name: str = "2026 package", pay: bool = False, **more: object) -> Program:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, ANA, name="Riverside Bakery LLC")
        program = make_program(session, insured, name=name)
        make_policy(session, program, "CPS 0071234")
        invoice = make_invoice(session, insured, program, total_cents=41_250, **more)
        make_line(session, invoice)
        make_link(session, program)
        if pay:
            make_payment(session, invoice)
    return program


def summary(answer: TestResponse) -> str:
    """What stands first on the page."""
    found = re.search(r'id="summary".*?</section>', answer.text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found.group()).split()) if found else ""


def links(answer: TestResponse, beginning: str) -> list[str]:
    return [url.replace("&amp;", "&") for url in re.findall(r'href="([^"]+)"', answer.text) if beginning in url]


def test_a_visitor_is_asked_to_come_in_and_pages_send_to_sign_in(app: Flask, agency: Agency) -> None:
    visitor = Visitor(app, agency)
    assert "Pay your insurance" in words(visitor.get("/"))
    for path in (
        "/programs/1",
        "/programs/1/policies",
        "/programs/1/payments",
        "/invoices/1",
        "/invoices/1/invoice.pdf",
    ):
        answer = visitor.get(path)
        assert answer.status_code == 302
        assert "/sign-in" in answer.headers["Location"]


def test_the_first_screen_says_how_much_by_when_and_what_if_not(app: Flask, agency: Agency, ana: Visitor) -> None:
    add_program(app, agency)
    page = ana.get("/")
    assert "You owe $412.50 Due Aug 1, 2026" in summary(page)
    assert "If it is not paid by then, your coverage can be canceled." in summary(page)
    assert "Pay $412.50" in summary(page)
    assert agency.phone in words(page)
    assert page.headers["Cache-Control"] == "no-store"


def test_several_can_be_paid_one_by_one_or_all_at_once(app: Flask, agency: Agency, ana: Visitor) -> None:
    add_program(app, agency, "Late", due_date=date(2026, 7, 1))
    add_program(app, agency, "Soon")
    page = ana.get("/")
    assert "Past due $412.50 Due Jul 1, 2026" in summary(page)
    assert "Pay everything open ($825.00)" in summary(page)
    assert len([url for url in links(page, "/pay?invoice=") if url.count("invoice=") == 2]) == 1
    assert "Pay $412.50 : Late" in words(page)


def test_processing_is_neither_paid_nor_due(app: Flask, agency: Agency, ana: Visitor) -> None:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, ANA)
        program = make_program(session, insured)
        make_policy(session, program, "A")
        invoice = make_invoice(session, insured, program)
        make_payment(session, invoice, state="processing")
    page = ana.get("/")
    assert summary(page).endswith("Processing Your payment is on its way. Nothing else is due.")
    assert "Paid" not in words(page)
    for path in (f"/programs/{program.id}", f"/invoices/{invoice.id}"):
        shown = ana.get(path)
        assert not links(shown, "/pay?")
        assert "do not pay again" in words(shown)


def test_nothing_due_says_so_with_the_next_date(app: Flask, agency: Agency, ana: Visitor) -> None:
    add_program(app, agency, pay=True)
    page = ana.get("/")
    assert "Nothing is due Next date: Jul 1, 2027" in summary(page)


def test_an_address_without_anything_is_told_whom_to_call(ana: Visitor, agency: Agency) -> None:
    page = words(ana.get("/"))
    assert f"No policy or invoice belongs to {ANA}." in page
    assert agency.phone in page


def test_thirty_programs_stay_light_and_more_rows_come_on_demand(app: Flask, agency: Agency, ana: Visitor) -> None:
    for number in range(30):
        add_program(app, agency, f"Building {number}", pay=number % 2 == 0)
    page = ana.get("/")
    assert len(page.data) < MOST_BYTES
    more = next(url for url in links(page, "show=upcoming"))
    path = more.removeprefix(f"/{agency.slug}").partition("#")[0]
    rows = ana.get(path, headers={"HX-Request": "true"})
    assert rows.text.lstrip().startswith("<li>")
    assert rows.text.count('class="row-title"') == 5
    assert ana.get(path).text.count('class="row-title"') == 25
    assert "<details" in page.text
    assert not re.search(r'<details[^>]*id="paid"[^>]* open', page.text)


def test_the_program_page_tells_everything(app: Flask, agency: Agency, ana: Visitor) -> None:
    program = add_program(app, agency, pay=True)
    page = ana.get(f"/programs/{program.id}")
    shown = words(page)
    for expected in (
        "Riverside Bakery LLC",
        "Everything is paid. You are covered until Jul 1, 2027.",
        "CPS 0071234",
        "Scottsdale Insurance Company",
        "Visa ••4242",
        "Paid by",
        "$412.50 of $412.50 paid",
        "Receipt of Jul 1, 2026",
    ):
        assert expected in shown
    assert not links(page, "/pay?")
    assert "Have someone else pay" not in shown


def test_the_link_to_hand_on(app: Flask, agency: Agency, ana: Visitor) -> None:
    program = add_program(app, agency)
    page = ana.get(f"/programs/{program.id}")
    copied = re.search(r'data-copy="([^"]+)"', page.text)
    assert copied is not None
    assert copied.group(1).startswith(f"http://localhost/{agency.slug}/")
    assert f'readonly value="{copied.group(1)}"' in page.text


def test_twenty_five_policies_stay_light(app: Flask, agency: Agency, ana: Visitor) -> None:
    program = add_program(app, agency)
    with writing(engine_of(app), agency.id) as session:
        for number in range(24):
            make_policy(session, program, f"FLEET-{number:02}")
    page = ana.get(f"/programs/{program.id}")
    assert len(page.data) < MOST_BYTES
    assert "Show all 25 policies" in words(page)
    assert "FLEET-23" in words(ana.get(f"/programs/{program.id}/policies"))


def test_a_one_time_payment_has_its_page(app: Flask, agency: Agency, ana: Visitor) -> None:
    with writing(engine_of(app), agency.id) as session:
        invoice = make_invoice(session, make_insured(session, ANA), description="Inspection", total_cents=17_500)
        make_line(session, invoice, "Inspection visit")
    assert f"/{agency.slug}/invoices/{invoice.id}" in links(ana.get("/"), "/invoices/")
    page = ana.get(f"/invoices/{invoice.id}")
    assert "You owe $175.00 Due Aug 1, 2026" in summary(page)
    assert "it will be past due" in summary(page)
    assert "Inspection visit $175.00" in words(page)


def test_an_invoice_as_pdf_in_the_readers_language(app: Flask, agency: Agency, ana: Visitor) -> None:
    add_program(app, agency)
    path = links(ana.get(links(ana.get("/"), "/programs/")[0].removeprefix(f"/{agency.slug}")), "invoice.pdf")[0]
    answer = ana.get(path.removeprefix(f"/{agency.slug}"))
    assert answer.mimetype == "application/pdf"
    assert 'inline; filename="invoice-' in answer.headers["Content-Disposition"]
    pdf = PdfReader(io.BytesIO(answer.data))
    text = " ".join(page.extract_text() for page in pdf.pages)
    for expected in ("$412.50", "Aug 1, 2026", "Riverside Bakery LLC", "CPS 0071234", "1 Quay St"):
        assert expected in text
    assert CANARY not in text


def test_somebody_elses_things_are_not_found(app: Flask, agency: Agency, ana: Visitor) -> None:
    own = add_program(app, agency)
    other = own.id - 1  # the canary's
    for path in (f"/programs/{other}", f"/programs/{other}/policies", f"/programs/{other}/payments", "/programs/99999"):
        answer = ana.get(path)
        assert answer.status_code == 404
        assert CANARY not in answer.text
    for path in ("/invoices/1", "/invoices/1/invoice.pdf", "/invoices/99999"):
        answer = ana.get(path)
        assert answer.status_code == 404
        assert CANARY.encode() not in answer.data
    for path in ("/", f"/programs/{own.id}", f"/programs/{own.id}/payments"):
        answer = ana.get(path)
        assert answer.status_code == 200
        assert "canary" not in answer.text.casefold()
